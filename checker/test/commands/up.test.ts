import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { load } from 'cheerio';
import { expect, test } from 'vitest';
import { User } from '../../src/check/user.ts';
import { pictures } from '../../src/check/picture.ts';
import { seedFeed, type Unseeded } from '../../src/run/seed.ts';
import { listeningAddresses } from '../family.ts';
import { workshops, type RunningCommand } from '../workshop.ts';
import { expectNothingOfOurs, expectPlain, expectWords } from './expectations.ts';

// One after the other: each gets the ports that `up` prefers for its step.
const inWorkshop = workshops(1);
const inStep5 = workshops(1, 'steps/05-cdn');

async function addressOf(command: RunningCommand): Promise<string> {
  await command.says('Ctrl-C stops it.');
  return /^ +web +(http:\S+)$/m.exec(command.output)?.[1] ?? '';
}

async function imagesOn(visitor: User): Promise<string[]> {
  const page = load((await visitor.opens('/')).body.toString('utf8'));
  return page('img').map((_index, image) => page(image).attr('src')).get();
}

test.concurrent('up serves the app with a dozen photos on this computer alone, and what people do lasts', async () => {
  await inWorkshop(['solution'], async (workshop) => {
    const first = workshop.start(['up', '01']);
    const base = await addressOf(first);
    const ada = new User('ada', { base });
    const images = await imagesOn(ada);
    expect(new Set(images).size).toBe(12);
    for (const image of images) expect((await ada.image(image)).headers['content-type']).toBe('image/webp');
    expect((await ada.signsUp()).status).toBe(201);
    expect((await ada.uploads(pictures.png, { caption: 'Mine' })).status).toBe(201);
    expect(new Set(listeningAddresses(first.family.alive()))).toEqual(new Set(['0100007F']));
    ada.client.close();

    first.interrupt();
    const result = await first.ended;
    expectWords(result, 'Stopping the machines.');
    expect(result.code).toBe(0);
    expectNothingOfOurs(result);
    expectPlain(result);
    expect(await first.leftBehind(0)).toEqual([]);

    const second = workshop.start(['up', '01']);
    expect(await addressOf(second)).toBe(base);
    expect((await ada.logsIn()).ok).toBe(true);
    expect(await imagesOn(ada)).toHaveLength(13);
    ada.client.close();
    second.signal('SIGINT');
    expect((await second.ended).code).toBe(0);
    expect(await second.leftBehind(0)).toEqual([]);
  });
});

test.concurrent('up tells of a mistake in the app by its own places, and leaves nothing running', async () => {
  await inWorkshop(['solution', 'bad-input/throw-in-app'], async (workshop) => {
    const command = workshop.start(['up', '01']);
    const result = await command.ended;
    expectWords(result, 'src/server.ts on server was started, and it ended with exit code 1', 'The photo shop is closed.', 'at openTheShop (src/health.ts:7:9)');
    expect(result.code).toBe(1);
    expectNothingOfOurs(result);
    expectPlain(result);
    expect(await command.leftBehind(0)).toEqual([]);
  });
});

test.concurrent('up says which line of the sources cannot be read', async () => {
  await inWorkshop(['solution', 'bad-input/syntax-error-in-app'], async (workshop) => {
    const result = await workshop.run(['up', '01']);
    expectWords(result, 'src/health.ts:6: Expected "}" but found ")"');
    expect(result.code).toBe(1);
    expectNothingOfOurs(result);
    expectPlain(result);
  });
});

test.concurrent('up ends when it is killed, with all its machines', async () => {
  await inWorkshop(['solution'], async (workshop) => {
    const command = workshop.start(['up', '01']);
    await command.says('Ctrl-C stops it.');
    command.kill();
    expect(await command.leftBehind(2_000)).toEqual([]);

    const next = workshop.start(['up', '01']);
    const visitor = new User('visitor', { base: await addressOf(next) });
    expect(await imagesOn(visitor)).toHaveLength(12);
    visitor.client.close();
    next.interrupt();
    expect((await next.ended).code).toBe(0);
  });
});

test.concurrent('up waits for the API to be ready, and says of a program that ends by itself that it did', async () => {
  await inWorkshop(['solution'], async (workshop) => {
    const health = 'steps/01-single-machine/src/health.ts';
    const late = `const startedAt = Date.now();
health.use((req, res, next) => {
  if (Date.now() - startedAt < 2_000) res.status(503).end();
  else next();
});
health.get('/last', () => process.exit(3));
`;
    workshop.write(health, workshop.read(health).replace('export const health = Router();', `export const health = Router();\n${late}`));
    const command = workshop.start(['up', '01']);
    const base = await addressOf(command);
    expect(command.output).toContain('12 photos were posted');
    const visitor = new User('visitor', { base });
    await visitor.opens('/last');
    visitor.client.close();
    await command.says('src/server.ts on server ended by itself (exit code 3).');
    command.interrupt();
    const result = await command.ended;
    expect(result.output.match(/ended by itself/g)).toHaveLength(1);
    expectPlain(result);
    expect(result.code).toBe(0);
  });
});

test.concurrent('up shows a step from another region: its edge is near, and the API is far away', async () => {
  await inStep5(['solution'], async (workshop) => {
    const command = workshop.start(['up', '05', '--region', 'ap']);
    const base = await addressOf(command);
    expect(command.output).toContain('12 photos were posted');
    expect(command.output).toContain('You are in ap');
    const api = /^ +api +(http:\S+)$/m.exec(command.output)?.[1] ?? '';
    const visitor = new User('visitor', { base });
    const page = await visitor.opens('/');
    expect(page.machine).toBe('edge-ap');
    // The quickest of a few, because this computer has other things to do as well.
    const again = [await visitor.opens('/'), await visitor.opens('/'), await visitor.opens('/')];
    expect(Math.min(...again.map(({ ms }) => ms))).toBeLessThan(100);
    const config = (await visitor.client.send({ url: '/config.json' })).json as { apiUrl: string };
    expect(config.apiUrl).toBe(api);
    const feed = await visitor.client.send({ url: `${api}/api/photos`, headers: { origin: base } });
    expect(feed.headers['access-control-allow-origin']).toBe(base);
    expect(feed.ms).toBeGreaterThan(150);
    visitor.client.close();
    command.interrupt();
    expect((await command.ended).code).toBe(0);
    expect(await command.leftBehind(0)).toEqual([]);
  });
});

test.concurrent('up says that nobody lives in a region without machines', async () => {
  await inWorkshop(['solution'], async (workshop) => {
    const result = await workshop.run(['up', '01', '--region', 'eu']);
    expectWords(result, 'There are no people in eu: no machine of this stack is in that region.');
    expect(result.code).toBe(1);
    expectNothingOfOurs(result);
  });
});

/** Seeds an API that answers each call with this status and body, or with 404. */
async function seedingOf(answers: Record<string, [status: number, body?: unknown]>): Promise<{ outcome: number | Unseeded; calls: string[] }> {
  const calls: string[] = [];
  const server = createServer((request, response) => {
    const call = `${request.method ?? ''} ${(request.url ?? '').replace(/\?.*/, '')}`;
    calls.push(call);
    const [status, body] = answers[call] ?? [404];
    request.resume().once('end', () => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body ?? {})));
  });
  await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve));
  try {
    return { outcome: await seedFeed(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, { readyWithinMs: 200 }), calls };
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

test.concurrent('an API that does not get ready is sent nothing, and that is told from one that takes no photos', async () => {
  const { outcome, calls } = await seedingOf({ 'GET /readyz': [503], 'GET /api/photos': [200, { photos: [] }] });
  expect(outcome).toBe('not ready');
  expect(new Set(calls)).toEqual(new Set(['GET /readyz']));
  expect((await seedingOf({ 'GET /readyz': [200], 'GET /api/photos': [503] })).outcome).toBe('not ready');
  expect((await seedingOf({ 'GET /readyz': [200], 'GET /api/photos': [501] })).outcome).toBe('takes none');
});

test.concurrent('an API without /readyz gets its photos, too', async () => {
  const { outcome } = await seedingOf({ 'GET /api/photos': [200, { photos: [] }], 'POST /api/users': [201], 'POST /api/photos': [201] });
  expect(outcome).toBe(12);
});

test.concurrent('a limit of log-ins is told as what it is, and does not matter to a feed that has photos', async () => {
  const limited: Record<string, [number, unknown?]> = { 'GET /readyz': [200], 'POST /api/users': [409], 'POST /api/sessions': [429] };
  expect((await seedingOf({ ...limited, 'GET /api/photos': [200, { photos: [] }] })).outcome).toBe('too many log-ins');
  const { outcome, calls } = await seedingOf({ ...limited, 'GET /api/photos': [200, { photos: [{ id: '1' }] }] });
  expect(outcome).toBe(0);
  expect(calls).toEqual(['GET /readyz', 'GET /api/photos']);
});
