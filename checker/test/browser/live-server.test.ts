// What pages and their server do for each other: across restarts, in the background, for strangers, and without a server.

import { createServer, request, type OutgoingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { accessibilityProblems, newPage, openBrowser, overflow, schemes, widths } from './browser.ts';
import { firstStep, note, passed } from './learner.ts';
import { builtPages, forgetProgress, openPage, serve, type Page } from './pages.ts';

let browser: Browser;
/** What a test started; ended after it, also where it failed. */
const started: { close(): Promise<unknown> }[] = [];

beforeAll(async () => {
  browser = await openBrowser();
});
beforeEach(forgetProgress);
afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()));
  await Promise.all(started.splice(0).map((one) => one.close()));
});
afterAll(() => browser?.close());

const events = '/_graminsta/events';

async function start(options: Parameters<typeof serve>[0] = {}) {
  const served = await serve(options);
  started.push(served);
  return { ...served, port: (served.server.address() as AddressInfo).port, end: () => end(served) };
}

async function end(served: { close(): Promise<unknown> }): Promise<void> {
  started.splice(started.indexOf(served), 1);
  await served.close();
}

function passedOf(page: Page, number: number) {
  return page.getByText(`Core: ${number} of 4 passed.`);
}

describe('a page that is left open', () => {
  const ended = 'npm start has ended: these marks are as they were.';

  test('says that npm start has ended, and goes on by itself when it is back', async () => {
    const first = await start();
    const page = await openPage(browser, first.url + firstStep);
    await page.evaluate('notReloaded = true');
    await first.end();
    await page.getByText(ended).first().waitFor();
    expect(await page.getByRole('status').textContent()).toBe(ended);
    await note('start-the-machine', passed);

    await start({ port: first.port });
    await passedOf(page, 1).waitFor();
    await page.getByRole('complementary', { name: 'Notices' }).waitFor({ state: 'detached' });
    await note('feed', passed);
    await passedOf(page, 2).waitFor();
    expect(await page.evaluate('notReloaded')).toBe(true);
  });

  test('tries again about once a second while another program has the port', async () => {
    const first = await start();
    const page = await openPage(browser, first.url + firstStep);
    await first.end();
    const asked: number[] = [];
    const other = createServer((request, response) => {
      if (request.url === events) asked.push(performance.now());
      response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => other.listen(first.port, '127.0.0.1', resolve));
    await expect.poll(() => asked.length, { timeout: 20_000 }).toBeGreaterThanOrEqual(4);
    // Over the whole time: a computer that is busy notices the one later than the other.
    const [earliest = 0, , , latest = 0] = asked;
    expect(latest - earliest).toBeGreaterThan(2_000);
    other.closeAllConnections();
    await new Promise((resolve) => other.close(resolve));

    await note('start-the-machine', passed);
    await start({ port: first.port });
    await passedOf(page, 1).waitFor();
  });

  test('offers to load again when the pages have been built anew', async () => {
    const first = await start({ pages: 'one build' });
    const page = await openPage(browser, first.url + firstStep);
    expect(await page.getByRole('complementary', { name: 'Notices' }).count()).toBe(0);
    await first.end();
    await start({ port: first.port, pages: 'another build' });
    const notices = page.getByRole('complementary', { name: 'Notices' });
    await notices.getByText('These pages have been built anew.').waitFor();
    expect(await page.getByRole('status').textContent()).toContain('built anew');

    await page.evaluate('notReloaded = true');
    await notices.getByRole('button', { name: 'Load again' }).click();
    await page.waitForFunction('typeof notReloaded === "undefined" && document.documentElement.dataset.hasHydrated === "true"');
    expect(await notices.count()).toBe(0);
  });

  test.each(schemes)('has notices that are accessible and fit every window, %s', async (colorScheme) => {
    const first = await start({ pages: 'one build' });
    const page = await openPage(browser, first.url + firstStep, { colorScheme });
    await first.end();
    const second = await start({ port: first.port, pages: 'another build' });
    const notices = page.getByRole('complementary', { name: 'Notices' });
    await notices.getByText('These pages have been built anew.').waitFor();
    await second.end();
    await notices.getByText(ended).waitFor();
    for (const width of widths) {
      await page.setViewportSize({ width, height: 900 });
      expect(await accessibilityProblems(page), `${width} pixels`).toEqual([]);
      expect(await overflow(page), `${width} pixels`).toBe(0);
    }
  });

  test('holds no connection in the background: a browser has six for all tabs', async () => {
    const { url } = await start();
    const page = await newPage(browser, url);
    const begun: string[] = [];
    page.on('request', (request) => begun.push(new URL(request.url()).pathname));
    await page.goto(url + firstStep);
    await expect.poll(() => begun.filter((path) => path === events).length).toBe(1);

    const stopped = page.waitForEvent('requestfailed', (request) => request.url().endsWith(events));
    const show = (state: string) => `
      Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => '${state}' });
      document.dispatchEvent(new Event('visibilitychange'));
    `;
    await page.evaluate(show('hidden'));
    await stopped;
    await note('start-the-machine', passed);
    expect(begun.filter((path) => path === events)).toHaveLength(1);
    await page.evaluate(show('visible'));
    await passedOf(page, 1).waitFor();
    expect(await page.getByRole('complementary', { name: 'Notices' }).count()).toBe(0);
    expect(page.complaints.seen).toEqual([]);
  });
});

describe('a page that is published without npm start', () => {
  test('asks for nothing, logs nothing, and shows how to begin', async () => {
    const server = createServer(express().use(express.static(builtPages)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    started.push({ close: async () => server.close() && server.closeAllConnections() });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const page = await newPage(browser, url);
    const [logged, asked]: [string[], string[]] = [[], []];
    page.on('console', (message) => logged.push(message.text()));
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    const load = async (path: string): Promise<void> => {
      await page.goto(url + path, { waitUntil: 'networkidle' });
      await page.waitForFunction('document.documentElement.dataset.hasHydrated === "true"');
    };

    await load(`${firstStep}/`);
    const begin = page.getByRole('complementary', { name: 'How to begin' });
    await begin.getByText('./setup && npm start').waitFor();
    await begin.getByText('npm run check 01').waitFor();
    expect(await begin.count()).toBe(1);
    expect(await page.getByText('State', { exact: true }).filter({ visible: true }).count()).toBe(0);
    expect(await page.getByRole('status').count()).toBe(0);
    for (const width of widths) {
      await page.setViewportSize({ width, height: 900 });
      expect(await accessibilityProblems(page), `${width} pixels`).toEqual([]);
      expect(await overflow(page), `${width} pixels`).toBe(0);
    }

    await load('/');
    expect(await page.getByText('Begin with two commands:').isVisible()).toBe(true);
    expect(await page.getByText('Your way so far').count()).toBe(0);
    expect(asked.filter((path) => path.startsWith('/_graminsta'))).toEqual([]);
    expect(logged).toEqual([]);
    expect(page.complaints.seen).toEqual([]);
  });
});

describe('the server of the pages', () => {
  /** Node's own client: browsers and fetch do not let a page choose these. Resolves as soon as the answer begins. */
  function status(url: string, headers: OutgoingHttpHeaders): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
      const asking = request(url, { headers }, (answer) => {
        resolve(answer.statusCode);
        answer.destroy();
      });
      asking.once('error', reject).end();
    });
  }

  test.each(['/', firstStep, events, '/_graminsta/progress', '/img/logo.svg'])('gives %s to nobody who calls it by another name', async (path) => {
    const { url, port } = await start();
    expect(await status(url + path, { host: `graminsta.example:${port}` })).toBe(421);
    expect(await status(url + path, { host: `localhost:${port}` })).toBe(200);
  });

  test.each([events, '/_graminsta/progress'])('gives %s to no page of another site', async (path) => {
    const { url, port } = await start();
    expect(await status(url + path, { origin: 'http://graminsta.example' })).toBe(403);
    expect(await status(url + path, { origin: `http://127.0.0.1:${port + 1}` })).toBe(403);
    expect(await status(url + path, { origin: 'null' })).toBe(403);
    expect(await status(url + path, { 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(await status(url + path, { 'sec-fetch-site': 'same-site' })).toBe(403);
    expect(await status(url + path, { origin: url, 'sec-fetch-site': 'same-origin' })).toBe(200);
    expect(await status(url + path, {})).toBe(200);
  });
});
