// The workshop's pages, as `npm start` serves them.

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pages } from '../../src/cli/start.ts';
import { allSteps } from '../../src/run/steps.ts';
import { build } from '../../bin/build.mjs';
import { accessibilityProblems, newPage, openBrowser, overflow, schemes, widths } from './browser.ts';

let server: Server;
let browser: Browser;
let url: string;

beforeAll(async () => {
  process.env['GRAMINSTA_BUILD'] = await build();
  browser = await openBrowser();
  server = createServer(pages());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await browser?.close();
  server?.closeAllConnections();
  await new Promise((resolve) => server?.close(resolve));
});

const readByAll = ['/', '/set-up', '/how-to-use', '/steps/01-single-machine', '/steps/02-split-db', '/how-it-works', '/glossary', '/troubleshooting'];

for (const colorScheme of schemes) {
  for (const path of readByAll) {
    test(`${path} is accessible and fits every window, ${colorScheme}`, async () => {
      const page = await newPage(browser, url, { colorScheme, viewport: { width: 1280, height: 900 } });
      await page.goto(url + path, { waitUntil: 'networkidle' });
      expect(await accessibilityProblems(page)).toEqual([]);
      for (const width of widths) {
        await page.setViewportSize({ width, height: 900 });
        expect(await overflow(page), `${width} pixels`).toBe(0);
      }
      expect(page.complaints.seen).toEqual([]);
      await page.context().close();
    });
  }
}

test('the home page leads to the first step, and the first step through its exercises', async () => {
  const page = await newPage(browser, url);
  await page.goto(url);
  await page.getByRole('link', { name: /begin|start/i }).first().click();
  await page.waitForURL((address) => address.pathname !== '/');
  for (const { name, step } of await allSteps()) {
    await page.goto(`${url}/steps/${name}`);
    for (const { slug, title } of step.exercises) {
      expect(await page.locator(`#${slug}`).textContent(), slug).toContain(title);
    }
    expect(await page.getByText('What is checked').count()).toBeGreaterThanOrEqual(step.exercises.length);
  }
  await page.context().close();
});

test('a page that does not exist says so', async () => {
  const answer = await fetch(`${url}/no-such-page`);
  expect(answer.status).toBe(404);
  expect(await answer.text()).toContain('Page Not Found');
});

test('a request by another name gets nothing', async () => {
  const page = await newPage(browser, url);
  const answer = await page.request.get(url, { headers: { host: 'graminsta.example' } });
  expect(answer.status()).toBe(421);
  await page.context().close();
});
