import { clip, exercise, likesIn, photoIn, pictures, requireStatus, requireThat, type Answer, type App, type User } from 'checker/check';

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
    why: 'A browser sends a cookie with whatever any page makes it send. A token goes only where the page puts it.',
    machine: answer.machine,
  });
  return token;
}

async function onlyInItsHeader(app: App, token: string): Promise<void> {
  const visitor = app.visitor();
  const encoded = encodeURIComponent(token);
  const inAddress = await visitor.client.send({ url: `/api/me?token=${encoded}&access_token=${encoded}&session=${encoded}&auth=${encoded}` });
  requireStatus(inAddress, 401, {
    did: 'Somebody sent a good token in the address, GET /api/me?token=…, and no Authorization',
    why: 'Addresses are written into logs, kept in histories and sent on to other servers. A token in one is a token lost.',
  });
  const names = ['token', 'session', 'sid', 'access_token', 'graminsta', 'graminsta-03'];
  const inCookie = await visitor.client.send({ url: '/api/me', headers: { cookie: names.map((name) => `${name}=${encoded}`).join('; ') } });
  requireStatus(inCookie, 401, {
    did: 'Somebody sent a good token in a cookie, and no Authorization',
    why: 'What is accepted from a cookie can be sent by any page that somebody looks at.',
  });
}

/** Everything that somebody can try who has an account and a token of their own. */
async function nobodyMakesOne(app: App, ada: User, bob: User): Promise<void> {
  const own = bob.client.token ?? '';
  const [victim, attacker] = await Promise.all([identity(ada), identity(bob)]);
  const forgeries = [
    ['her name', victim.username],
    ['her number', victim.id],
    ['her name and number, encoded', Buffer.from(JSON.stringify(victim)).toString('base64url')],
    ['her name, encoded', Buffer.from(victim.username).toString('base64')],
    ['her number, encoded', Buffer.from(victim.id).toString('base64')],
    ['nothing', ''],
    ['"undefined"', 'undefined'],
    ['"null"', 'null'],
    ...altered(own, attacker, victim),
  ] as const;
  for (const [what, token] of forgeries) {
    const answer = await app.visitor().client.send({ url: '/api/me', headers: { authorization: `Bearer ${token}` } });
    requireStatus(answer, 401, {
      did: `Bob has an account of his own, and sent as his token: ${what}`,
      also: answer.ok ? `the API took him for ${clip(answer.body.toString('utf8'), 60)}` : undefined,
      why: 'A token proves who somebody is because nobody else can have it. One that can be made, guessed or altered proves nothing.',
    });
  }
}

async function identity(user: User): Promise<{ id: string; username: string }> {
  const { user: found } = ((await user.me()).json ?? {}) as { user?: { id?: string | number; username?: string } };
  return { id: String(found?.id ?? ''), username: found?.username ?? user.username };
}

/** Bob's token, changed in ways that a token with readable parts falls for. */
function altered(token: string, attacker: { id: string; username: string }, victim: { id: string; username: string }): [what: string, token: string][] {
  const forged: [string, string][] = [];
  const middle = Math.floor(token.length / 2);
  const flipped = token.slice(0, middle) + (token[middle] === 'A' ? 'B' : 'A') + token.slice(middle + 1);
  forged.push(['his own with one character changed', flipped]);
  const swap = (text: string): string =>
    text.replaceAll(`"${attacker.username}"`, `"${victim.username}"`).replaceAll(`"${attacker.id}"`, `"${victim.id}"`).replace(new RegExp(`:${attacker.id}(?=[,}])`, 'g'), `:${victim.id}`);
  const swapPlain = (text: string): string => text.replaceAll(attacker.username, victim.username);
  if (swapPlain(token) !== token) forged.push(['his own with her name in the place of his', swapPlain(token)]);

  const parts = token.split('.');
  for (const [index, part] of parts.entries()) {
    const decoded = Buffer.from(part, 'base64url').toString('utf8');
    for (const changed of new Set([swap(decoded), swapPlain(decoded)])) {
      if (changed === decoded) continue;
      const other = [...parts];
      other[index] = Buffer.from(changed).toString('base64url');
      forged.push(['his own with her name inside in the place of his', other.join('.')]);
      // RFC 8725, section 2.1: a token that says itself that it needs no signature.
      const unsigned = [Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url'), other[1] ?? '', ''];
      if (parts.length === 3) forged.push(['his own with her name inside and no signature (alg: none)', unsigned.join('.')], ['his own with her name inside and an empty signature', [other[0], other[1], ''].join('.')]);
    }
  }
  return forged;
}

async function loggingOutEndsOne(app: App): Promise<void> {
  const [phone, tablet] = [app.visitor('bob'), app.visitor('bob')];
  const did = 'Bob logged in on his phone and on his tablet, and logged out on the phone';
  requireStatus(await phone.logsIn(), [200, 201], { did: 'Bob logged in on his phone', why: 'He may use two devices.' });
  requireStatus(await tablet.logsIn(), [200, 201], { did: 'Bob logged in on his tablet', why: 'He may use two devices.' });
  const stolen = app.visitor('bob');
  stolen.client.resume(phone.client);
  requireStatus(await phone.logsOut(), 204, { did, why: 'Whoever leaves wants the door closed.' });
  requireStatus(await stolen.me(), 401, {
    did: `${did}; then somebody sent the phone's token`,
    why: 'People log out because they do not trust what may have become of their token. It has to be dead from then on.',
  });
  requireStatus(await tablet.me(), 200, { did: `${did}; then he used the tablet`, why: 'Each device has a session of its own.' });
}
