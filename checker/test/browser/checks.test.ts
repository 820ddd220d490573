// The browser that a check opens: what it reaches, what is recorded, and that nothing of it stays.

import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Scene } from '../../src/check/exercise.ts';
import type { App } from '../../src/check/app.ts';
import { Courtroom } from '../../src/run/courtroom.ts';
import { addMachineLike } from '../../src/stack/rearrange.ts';
import { layFiles } from '../../src/run/overlay.ts';
import { withVariable } from '../../src/runtime/process-tree.ts';
import { until } from '../../src/runtime/until.ts';
import { stepsInRepository } from '../tools/steps.ts';
import { inRoot } from '../all/paths.ts';
import { workshops } from '../workshop.ts';

const [place] = await stepsInRepository();
const subject = { step: place!.step, stepFolder: place!.folder };
const inWorkshop = workshops(1);
let room: Courtroom;

beforeAll(async () => {
  room = await Courtroom.open();
});
afterAll(() => room.close());

/** Runs a check against a page of these scripts. */
async function withPage(script: string, check: (scene: Scene, app: App) => Promise<void>): Promise<void> {
  const html = `<!doctype html><html lang="en"><title>A page</title><p role="status"></p><main>Photos</main><script type="module">
    const say = (text) => (document.querySelector('[role="status"]').textContent = text);
    ${script}
  </script>`;
  const page: http.RequestListener = (request, response) => {
    if (request.url === '/') response.writeHead(200, { 'content-type': 'text/html' }).end(html);
    else response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  };
  const outcome = await room.judge(
    subject,
    place!.step.exercises[0]!,
    async (scene) => check(scene, await scene.start({ standIns: { server: { http: page } }, unready: true })),
    { asItIs: true },
  );
  expect(outcome).toMatchObject({ verdict: 'passed' });
}

test('a page is seen as people see it, and what it asks of the app is recorded', async () => {
  await withPage("await fetch('/api/photos', { method: 'PUT' }); say('All is well.');", async ({ openBrowser }, app) => {
    const browser = await openBrowser(app);
    const page = await browser.opens('web');
    await until('the page to say so', async () => (await page.status()) === 'All is well.', { timeoutMs: 5_000 });
    expect(await page.text()).toContain('Photos');
    const asked = browser.requests('web').map(({ method, url, status }) => ({ method, path: new URL(url).pathname, status }));
    expect(asked).toContainEqual({ method: 'GET', path: '/', status: 200 });
    expect(asked).toContainEqual({ method: 'PUT', path: '/api/photos', status: 200 });
  });
});

test('a page is opened at the entrance of its region, by its public address, and all of the app is as far away as it is', async () => {
  const page: http.RequestListener = ({ url, method, headers }, response) => {
    const cors = { 'access-control-allow-origin': headers.origin ?? '*', 'access-control-allow-methods': 'PUT', 'content-type': 'text/html' };
    if (url === '/') response.writeHead(200, cors).end('<!doctype html><html lang="en"><title>A page</title><p role="status"></p></html>');
    else response.writeHead(200, cors).end(method === 'OPTIONS' ? undefined : `by ${headers.host}, from ${headers.origin}`);
  };
  const [server, edge] = ['server', 'edge-ap'];
  const outcome = await room.judge(
    subject,
    place!.step.exercises[0]!,
    async ({ start, openBrowser }) => {
      const app = await start({
        rearrange: (stack) => {
          const { machines } = addMachineLike(stack, server, edge);
          return { ...stack, machines: machines.map((one) => (one.name === edge ? { ...one, region: 'ap' } : one)), entrances: { web: { us: server, ap: edge }, api: server } };
        },
        standIns: { [server]: { http: page }, [edge]: { http: page } },
        unready: true,
      });
      const [origin, home] = [edge, server].map((name) => app.stack.publicUrl(name));
      const browser = await openBrowser(app, { region: 'ap' });
      const { tab } = await browser.opens('web');
      expect(new URL(tab.url()).origin).toBe(origin);
      const ask = async (url: string): Promise<{ text: string; ms: number }> =>
        tab.evaluate(async (address) => {
          const startedAt = performance.now();
          const response = await fetch(address, { method: 'PUT' });
          return { text: await response.text(), ms: performance.now() - startedAt };
        }, url);
      const [near, far] = [await ask(`${origin}/near`), await ask(`${home}/far`)];
      expect(near.text).toBe(`by ${new URL(origin!).host}, from ${origin}`);
      expect(far.text).toBe(`by ${new URL(home!).host}, from ${origin}`);
      // A preflight and a request, each over a connection that is new: 4 round trips of 160 ms.
      expect(far.ms).toBeGreaterThan(630);
      expect(near.ms).toBeLessThan(far.ms);
      expect(browser.requests('web').map(({ url }) => new URL(url).pathname)).toEqual(expect.arrayContaining(['/', '/near']));
      expect(browser.requestsTo(server).map(({ method }) => method)).toEqual(['OPTIONS', 'PUT']);
      expect(browser.requestsElsewhere()).toEqual([]);
    },
    { asItIs: true },
  );
  expect(outcome).toMatchObject({ verdict: 'passed' });
});

test('a browser reaches nothing but its app', async () => {
  const stranger = http.createServer((_request, response) => void response.end('reached'));
  await new Promise<void>((resolve) => stranger.listen({ port: 0, host: '127.0.0.1' }, resolve));
  const { port } = stranger.address() as AddressInfo;
  let reached = 0;
  stranger.on('connection', () => (reached += 1));
  const places = [`http://127.0.0.1:${port}/`, `http://localhost:${port}/`, 'http://photos.example/', 'https://photos.example/'];
  const script = `const asked = await Promise.allSettled(${JSON.stringify(places)}.map((url) => fetch(url, { mode: 'no-cors' }))); say('Asked ' + asked.length);`;
  await withPage(script, async ({ openBrowser }, app) => {
    const browser = await openBrowser(app);
    const page = await browser.opens('web');
    await until('the page to have asked', async () => (await page.status()) === 'Asked 4', { timeoutMs: 5_000 });
    expect(browser.requestsElsewhere().map(({ url }) => url).sort()).toEqual(places.filter((url) => url.startsWith('http:')).sort());
  });
  expect(reached).toBe(0);
  stranger.close();
});

test('an app that is away is a failed connection, recorded once for each time that the page asks', async () => {
  const script = `
    const outcomes = [];
    const ask = () => fetch('/api/photos').then(({ status }) => status, (error) => error.name);
    say('Open');
    addEventListener('focus', () => 0);
    globalThis.askThrice = async () => { for (let time = 0; time < 3; time += 1) outcomes.push(await ask()); say(outcomes.join(' ')); };`;
  await withPage(script, async ({ openBrowser }, app) => {
    const browser = await openBrowser(app);
    const page = await browser.opens('web');
    await until('the page to be open', async () => (await page.status()) === 'Open', { timeoutMs: 5_000 });
    await app.machine('server').kill();
    await page.tab.evaluate('askThrice()');
    expect(await page.status()).toBe('TypeError TypeError TypeError');
    const failed = browser.requests('web').filter(({ url }) => url.endsWith('/api/photos'));
    expect(failed.map(({ status }) => status)).toEqual([undefined, undefined, undefined]);
    await expect(browser.opens('web')).rejects.toMatchObject({ finding: { kind: 'no answer' } });
  });
});

test('a page whose script runs without end is told of, and not waited for', async () => {
  await withPage("setTimeout(() => { for (;;); }, 50); say('Begun');", async ({ openBrowser }, app) => {
    const page = await (await openBrowser(app)).opens('web');
    await until('the page not to respond', async () => (await page.status()) === undefined, { timeoutMs: 10_000 });
  });
});

test('two browsers share no storage', async () => {
  await withPage("say(localStorage.getItem('seen') ?? 'new'); localStorage.setItem('seen', 'known');", async ({ openBrowser }, app) => {
    for (const browser of [await openBrowser(app), await openBrowser(app)]) {
      const page = await browser.opens('web');
      await until('the page to say what it knows', async () => (await page.status()) !== '', { timeoutMs: 5_000 });
      expect(await page.status()).toBe('new');
    }
  });
});

test('a browser ends with its check', async () => {
  const own = await Courtroom.open();
  const outcome = await own.judge(subject, place!.step.exercises[0]!, async ({ start, openBrowser }) => void (await openBrowser(await start({ unready: true, off: ['server'] }))), { asItIs: true });
  expect(outcome).toMatchObject({ verdict: 'passed' });
  await own.close();
  expect(withVariable('GRAMINSTA_RUN', own.run.id)).toEqual([]);
});

for (const [name, whom] of [['command', 'command'], ['process that judges', 'judge']] as const) {
  test(`nothing of a browser is left when the ${name} is killed`, async () => {
    await inWorkshop([], async (workshop) => {
      layFiles(inRoot('steps/03-split-client/solution'), workshop.path('steps/03-split-client'));
      const command = workshop.start(['check', '3.5']);
      const judge = await command.judge();
      await until('the browser to run', () => command.family.running('--headless').length > 0, { timeoutMs: 20_000 });
      command.kill(whom === 'judge' ? judge : undefined);
      await command.ended;
      expect(await command.leftBehind(5_000)).toEqual([]);
    });
  });
}
