import { clip, exercise, likesIn, photoIn, pictures, requireStatus, requireThat, type Answer, type App, type User } from 'checker/check';
import { forgeries, type Identity } from './forgeries.ts';

const noCookie = 'A browser sends a cookie with whatever any page makes it send. A token goes only where the page puts it.';

export default exercise(async ({ start }) => {
  const app = await start();
  const { ada, token } = await thePhoneWorks(app);
  const bob = await app.member('bob');
  await onlyInItsHeader(app, token);
  await nobodyMakesOne(app, ada, bob);
  await loggingOutEndsOne(app);
});

async function thePhoneWorks(app: App): Promise<{ ada: User; token: string }> {
  const ada = app.visitor('ada');
  const why = 'A phone has no cookies of a page. What it gets when it logs in, and sends with each call, has to be enough.';
  const did = 'Ada signed up on her phone';
  const signedUp = await ada.signsUp();
  requireStatus(signedUp, 201, { did, why });
  tokenIn(signedUp, did);

  const phone = app.visitor('ada');
  const loggedIn = await phone.logsIn();
  const again = 'Ada logged in on her phone';
  requireStatus(loggedIn, [200, 201], { did: again, why });
  const token = tokenIn(loggedIn, again);

  const photo = photoIn(await phone.uploads(pictures.jpeg, { caption: 'From my phone' }), 201, { did: 'Ada posted a photo from her phone, with the token and no cookie', why });
  likesIn(await phone.likes(photo.id), { did: 'Ada liked a photo from her phone, with the token and no cookie', why });
  const me = await phone.me();
  requireStatus(me, 200, { did: 'Ada asked who she is, with the token and no cookie', why });
  requireThat((me.json as { user?: { username?: unknown } } | undefined)?.user?.username === 'ada', {
    did: 'Ada asked who she is, with the token and no cookie',
    saw: clip(me.body.toString('utf8')),
    expected: '{ user: { id, username: "ada" } }',
    why,
    machine: me.machine,
  });
  const [kept] = phone.client.cookies.keys();
  requireThat(kept === undefined, {
    did: 'Ada logged in, posted a photo, liked it and asked who she is, on her phone',
    saw: `an answer that sets the cookie ${kept}`,
    expected: 'a token and no cookie',
    why: noCookie,
    machine: me.machine,
  });
  return { ada: phone, token };
}

/** The token of an answer that begins a session. @throws Failure where there is none, or a cookie. */
function tokenIn(answer: Answer, did: string): string {
  const { token } = (answer.json ?? {}) as { token?: unknown };
  requireThat(typeof token === 'string' && token !== '', {
    did,
    saw: `${answer.call} → ${answer.status} with ${clip(answer.body.toString('utf8')) || 'nothing'}${answer.headers['set-cookie'] === undefined ? '' : ', and a cookie'}`,
    expected: '{ user, token } in the body',
    why: 'The token in the body is what a phone, a page of another origin and a script can all keep and send.',
    machine: answer.machine,
  });
  requireThat(answer.headers['set-cookie'] === undefined, {
    did,
    saw: `a token, and set-cookie: ${clip(answer.headers['set-cookie'] ?? '', 60)}`,
    expected: 'a token and no cookie',
    why: noCookie,
    machine: answer.machine,
  });
  return token;
}

async function onlyInItsHeader(app: App, token: string): Promise<void> {
  const visitor = app.visitor();
  for (const name of ['token', 'access_token', 'session', 'auth', 'jwt']) {
    requireStatus(await visitor.client.send({ url: `/api/me?${name}=${encodeURIComponent(token)}` }), 401, {
      did: 'Somebody sent a good token in the address, and no Authorization',
      why: 'Addresses are written into logs, kept in histories and sent on to other servers. A token in one is a token lost.',
    });
  }
  for (const name of ['token', 'access_token', 'session', 'auth', 'jwt', 'sid', 'graminsta', 'graminsta-03']) {
    requireStatus(await visitor.client.send({ url: '/api/me', headers: { cookie: `${name}=${encodeURIComponent(token)}` } }), 401, {
      did: `Somebody sent a good token in a cookie named ${name}, and no Authorization`,
      why: 'What is accepted from a cookie can be sent by any page that somebody looks at.',
    });
  }
}

async function nobodyMakesOne(app: App, ada: User, bob: User): Promise<void> {
  const [victim, attacker] = await Promise.all([identity(ada), identity(bob)]);
  for (const [what, token] of forgeries(bob.client.token ?? '', attacker, victim)) {
    const answer = await app.visitor().client.send({ url: '/api/me', headers: { authorization: `Bearer ${token}` } });
    // RFC 6750, section 3.1: what cannot be a token at all may be called a bad request.
    requireStatus(answer, [401, 400], {
      did: `Bob, who has an account of his own, wanted to be Ada, and sent as his token: ${what}`,
      also: answer.ok ? `the API took him for ${clip(answer.body.toString('utf8'), 60)}` : undefined,
      expected: 'status 401',
      why: 'A token proves who somebody is because nobody else can have it. One that can be made, guessed or altered proves nothing.',
    });
  }
}

async function identity(user: User): Promise<Identity> {
  const { user: found } = ((await user.me()).json ?? {}) as { user?: { id?: string | number; username?: string } };
  return { id: String(found?.id ?? ''), username: found?.username ?? user.username };
}

async function loggingOutEndsOne(app: App): Promise<void> {
  const [phone, tablet] = [app.visitor('bob'), app.visitor('bob')];
  const did = 'Bob logged in on his phone and on his tablet, and logged out on the phone';
  requireStatus(await phone.logsIn(), [200, 201], { did: 'Bob logged in on his phone', why: 'He may use two devices.' });
  requireStatus(await tablet.logsIn(), [200, 201], { did: 'Bob logged in on his tablet', why: 'He may use two devices.' });
  requireStatus(await phone.me(), 200, { did: 'Bob logged in on his phone, then on his tablet, and then used the phone', why: 'Each device has a session of its own.' });
  const stolen = app.visitor('bob');
  stolen.client.resume(phone.client);
  const also = phone.client.token === tablet.client.token ? 'phone and tablet had been given the same token' : undefined;
  requireStatus(await phone.logsOut(), 204, { did, why: 'Whoever leaves wants the door closed.' });
  requireStatus(await stolen.me(), 401, {
    did: `${did}; then somebody sent the phone's token`,
    also,
    why: 'People log out because they do not trust what may have become of their token. It has to be dead from then on.',
  });
  requireStatus(await tablet.me(), 200, { did: `${did}; then he used the tablet`, also, why: 'Each device has a session of its own.' });
}
