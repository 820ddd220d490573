// The workshop's pages, as `npm start` serves them.

import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accessibilityProblems, newPage, openBrowser, overflow, schemes, widths } from './browser.ts';
import { allSteps, serve, type Served } from './pages.ts';

let served: Served;
let browser: Browser;
let url: string;

beforeAll(async () => {
  browser = await openBrowser();
  served = await serve();
  ({ url } = served);
});
afterAll(async () => {
  await browser?.close();
  await served?.close();
});

const steps = (await allSteps()).map(({ name }) => `/steps/${name}`);
const readByAll = ['/', '/set-up', '/how-to-use', ...steps, '/how-it-works', '/the-api', '/glossary', '/troubleshooting'];

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
