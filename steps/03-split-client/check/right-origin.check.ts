import { clip, distinct, exercise, photoIn, pictures, requireAnswer, requireStatus, requireThat, type Answer, type App, type User } from 'checker/check';

/** What the page calls; a browser asks beforehand for whatever a form could not send. */
const calls = [
  { method: 'GET', url: '/api/me', headers: 'authorization' },
  { method: 'POST', url: '/api/users', headers: 'content-type' },
  { method: 'POST', url: '/api/sessions', headers: 'content-type' },
  { method: 'DELETE', url: '/api/sessions', headers: 'authorization' },
  { method: 'POST', url: '/api/photos', headers: 'authorization' },
  { method: 'DELETE', url: '/api/photos/1', headers: 'authorization' },
  { method: 'PUT', url: '/api/photos/1/like', headers: 'authorization,content-type' },
  { method: 'DELETE', url: '/api/photos/1/like', headers: 'authorization' },
];

export default exercise(async ({ start }) => {
  const app = await start();
  const origin = app.stack.entrance('web').url;
  const ada = await app.member('ada');
  await preflightsPermit(app, origin);
  await thePageReads(app, ada, origin);
  await othersDoNot(app, ada, origin);
  await theAnswersAreKeptApart(app, origin);
  await thePageReadsThatTheDatabaseIsAway(app, ada, origin);
});

async function preflightsPermit(app: App, origin: string): Promise<void> {
  const visitor = app.visitor();
  for (const { method, url, headers } of calls) {
    const did = `A browser asked with OPTIONS ${url} whether a page of ${origin} may send ${method} with ${headers}`;
    const why = 'Without a yes the browser does not send the request at all.';
    const answer = await preflight(visitor, url, origin, method, headers);
    requireAnswer(answer, { did, why });
    // https://fetch.spec.whatwg.org/#cors-preflight-fetch: an ok status, whatever else the answer permits.
    requireThat(answer.ok, { did, saw: answer.toString(), expected: 'status 204 or 200', why, machine: 'api' });
    requirePermission(answer, origin, did, why);
    const methods = listIn(answer, 'access-control-allow-methods');
    const isSafelisted = ['GET', 'HEAD', 'POST'].includes(method);
    requireThat(isSafelisted || methods.includes(method.toLowerCase()) || methods.includes('*'), {
      did,
      saw: `access-control-allow-methods: ${methods.join(', ') || 'nothing'}`,
      expected: `a list with ${method}`,
      why: 'Only GET, HEAD and POST are sent without being on that list.',
      machine: 'api',
    });
    const allowed = listIn(answer, 'access-control-allow-headers');
    const missing = headers.split(',').filter((name) => !allowed.includes(name) && !(name !== 'authorization' && allowed.includes('*')));
    requireThat(missing.length === 0, {
      did,
      saw: `access-control-allow-headers: ${allowed.join(', ') || 'nothing'}`,
      expected: `a list with ${missing.join(' and ')}`,
      why: 'Both headers go beyond what a form can send. A * stands for others, and never for Authorization.',
      machine: 'api',
    });
    const seconds = Number(answer.headers['access-control-max-age'] ?? 0);
    requireThat(seconds >= 60, {
      did,
      saw: `access-control-max-age: ${answer.headers['access-control-max-age'] ?? 'nothing'}`,
      expected: 'access-control-max-age with a minute or more',
      why: 'Without it browsers ask again after 5 s, and each call of the page becomes two.',
      machine: 'api',
    });
  }
}

async function thePageReads(app: App, ada: User, origin: string): Promise<void> {
  const why = 'The browser gives an answer to the page only with this permission. An error that the page cannot read is to it as if there were no API.';
  const visitor = app.visitor();
  const asked: [who: User, method: string, url: string, status: number, body?: string][] = [
    [visitor, 'GET', '/api/photos', 200],
    [visitor, 'GET', '/api/me', 401],
    [visitor, 'GET', '/api/photos/999999999', 404],
    [visitor, 'POST', '/api/users', 400, '{'],
    [visitor, 'POST', '/api/users', 409, JSON.stringify({ username: 'ada', password: 'long enough for all' })],
    [visitor, 'POST', '/api/sessions', 401, JSON.stringify({ username: 'ada', password: 'not her password' })],
    [ada, 'GET', '/api/nothing', 404],
  ];
  for (const [who, method, url, status, body] of asked) {
    const answer = await who.client.send({ method, url, headers: { origin, ...(body !== undefined && { 'content-type': 'application/json' }) }, ...(body !== undefined && { body }) });
    const did = `The page sent ${method} ${url}`;
    requireStatus(answer, status, { did, why });
    requirePermission(answer, origin, `${did} and got ${status}`, why);
  }

  const posted = await ada.uploads(pictures.png, { headers: { origin } });
  const { id } = photoIn(posted, 201, { did: 'Ada posted a photo from the page', why });
  requirePermission(posted, origin, 'Ada posted a photo from the page and got 201', why);
  const deleted = await ada.client.send({ method: 'DELETE', url: `/api/photos/${encodeURIComponent(id)}`, headers: { origin } });
  requireStatus(deleted, 204, { did: 'Ada deleted the photo from the page', why });
  requirePermission(deleted, origin, 'Ada deleted the photo from the page and got 204', why);
  const large = { ...pictures.png, bytes: Buffer.concat([pictures.png.bytes, Buffer.alloc(5 * 1024 * 1024)]) };
  const tooLarge = await ada.uploads(large, { headers: { origin } });
  requireStatus(tooLarge, 413, { did: 'Ada posted a photo of more than 5 MB from the page', why });
  requirePermission(tooLarge, origin, 'Ada posted a photo of more than 5 MB from the page and got 413', why);
  const noImage = await ada.uploads(distinct({ fileName: 'notes.png', type: 'image/png', bytes: Buffer.from('Remember the milk') }, ''), { headers: { origin } });
  requireStatus(noImage, 415, { did: 'Ada posted a text as a photo from the page', why });
  requirePermission(noImage, origin, 'Ada posted a text as a photo from the page and got 415', why);
}

async function othersDoNot(app: App, ada: User, origin: string): Promise<void> {
  const { port } = new URL(origin);
  const ours = 'Whoever looks at a page lends it their place in the network. The API says which pages may read its answers, and that is ours.';
  const whole = 'An origin is a scheme, a host and a port, and is compared whole. What only resembles ours belongs to somebody else.';
  const others: [origin: string, why: string][] = [
    ['https://evil.example', ours],
    ['null', 'null is the origin of files and of sandboxed frames, which anybody can make.'],
    [`${origin}.evil.example`, whole],
    [`http://evil.example:${port}`, whole],
    [`http://127.0.0.1:${Number(port) + 1}`, whole],
    [`https://127.0.0.1:${port}`, whole],
    [`http://localhost:${port}`, whole],
    [app.stack.entrance('api').url, ours],
  ];
  for (const [other, why] of others) {
    const page = `a page whose origin is ${other}`;
    for (const url of ['/api/photos', '/api/me', '/api/photos/999999999']) {
      requireNoPermission(await ada.client.send({ url, headers: { origin: other } }), other, `A browser sent GET ${url} for ${page}`, why);
    }
    const asked = await preflight(app.visitor(), '/api/photos', other, 'DELETE', 'authorization');
    requireNoPermission(asked, other, `A browser asked with OPTIONS /api/photos whether ${page} may send DELETE`, why);
  }
}

/** What varies with the origin says so to caches, always: https://fetch.spec.whatwg.org/#cors-protocol-and-http-caches */
async function theAnswersAreKeptApart(app: App, origin: string): Promise<void> {
  const visitor = app.visitor();
  for (const url of ['/api/photos', '/api/photos/999999999']) {
    const ask = (from?: string): Promise<Answer> => visitor.client.send({ url, headers: from === undefined ? {} : { origin: from } });
    const answers = [
      ['our page', await ask(origin)],
      ['a page of another origin', await ask('https://evil.example')],
      ['a phone, which sends no Origin', await ask()],
    ] as const;
    const permissions = new Set(answers.map(([, answer]) => answer.headers['access-control-allow-origin']));
    if (permissions.size === 1) continue;
    for (const [who, answer] of answers) {
      // Whoever refuses other origins by an error: no cache keeps it (RFC 9110, section 15.1).
      if (answer.status === 403 || answer.status >= 500) continue;
      requireThat(listIn(answer, 'vary').some((name) => name === 'origin' || name === '*'), {
        did: `GET ${url} was asked for by our page, by a page of another origin, and by a phone, which sends no Origin`,
        saw: `access-control-allow-origin differs, and in the answer to ${who} there is vary: ${answer.headers['vary'] ?? 'nothing'}`,
        expected: 'Vary: Origin in every one of these answers',
        why: 'A cache keeps one answer for an address. It has to know that the one it gave to a phone is of no use to the page.',
        machine: 'api',
      });
    }
  }
}

async function thePageReadsThatTheDatabaseIsAway(app: App, ada: User, origin: string): Promise<void> {
  await app.machine('db').kill();
  const answer = await ada.client.send({ url: '/api/photos', headers: { origin } });
  const did = 'db was killed, and the page asked for the feed';
  const why = 'The page can say "try again in a moment" when it may read the 503, and can say nothing when it may not.';
  requireStatus(answer, 503, { did, why });
  requirePermission(answer, origin, `${did} and got 503`, why);
}

function preflight(visitor: User, url: string, origin: string, method: string, headers: string): Promise<Answer> {
  return visitor.client.send({
    method: 'OPTIONS',
    url,
    headers: { origin, 'access-control-request-method': method, 'access-control-request-headers': headers },
  });
}

function requirePermission(answer: Answer, origin: string, did: string, why: string): void {
  const permitted = answer.headers['access-control-allow-origin'];
  requireThat(permitted === origin || permitted === '*', {
    did,
    saw: `${answer.call} → ${answer.status}, access-control-allow-origin: ${clip(permitted ?? 'nothing')}`,
    expected: `access-control-allow-origin: ${origin}`,
    why,
    machine: 'api',
  });
}

/** As a browser judges: a fixed permission for our page is none for another. */
function requireNoPermission(answer: Answer, other: string, did: string, why: string): void {
  const permitted = answer.headers['access-control-allow-origin'];
  requireThat(permitted === undefined || (permitted !== other && permitted !== '*'), {
    did,
    saw: `${answer.call} → ${answer.status || 'no answer'}, access-control-allow-origin: ${clip(permitted ?? 'nothing')}`,
    expected: `no permission for ${other}`,
    why,
    machine: 'api',
  });
}

function listIn(answer: Answer, header: string): string[] {
  return (answer.headers[header] ?? '').split(',').map((word) => word.trim().toLowerCase()).filter(Boolean);
}
