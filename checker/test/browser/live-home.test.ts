// The home page shows where a learner stands, and where to go on.

import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { accessibilityProblems, openBrowser, overflow, schemes, widths } from './browser.ts';
import { coreOf, firstStep, note, passed } from './learner.ts';
import { forgetProgress, openPage, serve, type Page, type Served } from './pages.ts';

let served: Served;
let browser: Browser;

beforeAll(async () => {
  [browser, served] = [await openBrowser(), await serve()];
});
beforeEach(forgetProgress);
afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()));
});
afterAll(async () => {
  await browser?.close();
  await served?.close();
});

function open(options = {}): Promise<Page> {
  return openPage(browser, served.url, options);
}

test('says where to begin and where to go on', async () => {
  const page = await open();
  const goOn = page.getByRole('main').getByRole('link', { name: /^(Begin|Go on) with/ });
  expect(await goOn.textContent()).toBe('Begin with 1.1 Start the machine');
  await page.getByText('Step 1 · A single machine: 0 of 4 core, 0 of 2 extra').waitFor();

  for (const slug of ['start-the-machine', 'upload-and-show', 'page']) await note(slug, passed);
  await goOn.getByText('Go on with 1.3 The feed').waitFor();
  await page.getByText('Step 1 · A single machine: 2 of 4 core, 1 of 2 extra').waitFor();
  expect(await page.getByText('done', { exact: true }).count()).toBe(0);
  await goOn.click();
  await page.waitForURL(`${served.url}${firstStep}#feed`);
  expect(page.complaints.seen).toEqual([]);
});

test('says which steps are done, and when all are', async () => {
  const page = await open();
  for (const slug of coreOf(1)) await note(slug, passed);
  await page.getByRole('link', { name: 'Go on with 2.1' }).waitFor();
  await page.getByText('Step 1 · A single machine: 4 of 4 core, 0 of 2 extra ✓ done').waitFor();
  await page.getByRole('listitem').filter({ hasText: '1 user ✓ done' }).waitFor();

  for (const slug of coreOf()) await note(slug, passed);
  await page.getByText('All core exercises are passed.').waitFor();
  await page.getByRole('link', { name: 'See what lies beyond' }).click();
  await page.waitForURL(`${served.url}/beyond`);
  // Beside the pages, too.
  await page.getByRole('navigation').getByRole('link', { name: '1 user: a single machine done' }).waitFor();
  expect(page.complaints.seen).toEqual([]);
});

test.each(schemes)('is accessible and fits every window with progress on it, %s', async (colorScheme) => {
  for (const slug of coreOf(1)) await note(slug, passed);
  const page = await open({ colorScheme });
  await page.getByText('Go on with').waitFor();
  for (const width of widths) {
    await page.setViewportSize({ width, height: 900 });
    expect(await accessibilityProblems(page), `${width} pixels`).toEqual([]);
    expect(await overflow(page), `${width} pixels`).toBe(0);
  }
});
