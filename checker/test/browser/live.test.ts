// What an open page of a step shows while its exercises are judged elsewhere.

import type { Browser, Locator } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { accessibilityProblems, newPage, openBrowser, overflow, schemes, widths } from './browser.ts';
import { exercise, failed, firstStep, judge, note, notePassedBefore, notRun, passed, stopJudging } from './learner.ts';
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
  return openPage(browser, served.url + firstStep, options);
}

/** The state of an exercise in the table above them all, and under its own heading. */
function places(page: Page, slug: string): [table: Locator, task: Locator] {
  const { number } = exercise(slug);
  return [
    page.getByRole('row', { name: number }).getByRole('cell').last(),
    page.locator(`dl:has(:text-is("npm run check ${number}")) > div:last-child dd`),
  ];
}

async function waitForState(page: Page, slug: string, text: RegExp): Promise<void> {
  for (const place of places(page, slug)) await place.filter({ hasText: text }).waitFor();
}

test('shows each state while it is open', async () => {
  const page = await open();
  await waitForState(page, 'feed', /^· open$/);
  await page.getByText('Core: 0 of 4 passed. Not checked so far: npm run check 01').waitFor();

  judge('feed');
  await waitForState(page, 'feed', /^… judging$/);

  await note('feed', passed);
  stopJudging();
  await waitForState(page, 'feed', /^✓ passed/);
  await page.getByText('Core: 1 of 4 passed. Last check less than a minute ago.').waitFor();

  await note('upload-and-show', failed);
  await waitForState(page, 'upload-and-show', /^✗ failed/);

  await note('likes', notRun);
  await waitForState(page, 'likes', /^○ not run/);
  expect(page.complaints.seen).toEqual([]);
});

test('says how long ago it was, and goes on counting', async () => {
  const page = await newPage(browser, served.url);
  await page.clock.install();
  await page.goto(`${served.url}${firstStep}`);
  await note('feed', passed);
  await waitForState(page, 'feed', /^✓ passed/);
  for (const [later, text] of [['03:05', '3 min ago'], ['02:00:00', '2 h ago'], ['48:00:00', '2 days ago']] as const) {
    await page.clock.fastForward(later);
    await page.getByText(`Last check ${text}.`).waitFor();
    await places(page, 'feed')[1].getByText(text).waitFor();
  }
});

test('shows the whole report of one that failed, and markup in it as text', async () => {
  const page = await open();
  await note('upload-and-show', failed);
  const report = page.getByRole('region', { name: 'Report on 1.2' });
  const texts = [
    'Wrong answer, on machine server',
    'Ada posted small.webp and looked at it',
    `</script><img src=x onerror="document.title='taken over'">`,
    'which is what the bytes are',
    'A browser that is told a wrong type shows nothing.',
    'steps/01-single-machine/src/photos.ts:41',
    'npm run hint 1.2',
  ];
  for (const text of texts) await report.getByText(text).waitFor();
  const log = report.getByRole('group', { name: 'The last that server printed' });
  await log.focus();
  expect(await page.evaluate("document.activeElement.getAttribute('aria-label')")).toBe('The last that server printed');
  expect(await log.textContent()).toContain('GET /images/39.png');

  const crowd = report.getByRole('img', { name: 'How the crowd fared. api-1: answered from 1 s to 16 s. api-2: answered from 1 s to 6 s.' });
  expect((await crowd.textContent())?.split('\n').map((line) => line.trimEnd())).toEqual([
    `${' '.repeat(10)}1 s                 6 s                 11 s`,
    `${' '.repeat(30)}a`,
    `api-1     ${'o'.repeat(60)}`,
    `api-2     ${'o'.repeat(20)}${'.'.repeat(40)}`,
    `no answer ${'.'.repeat(20)}xx${'.'.repeat(38)}`,
  ]);
  await report.getByText('a: api-2 killed, at 6 s').waitFor();

  // Now it comes with the page, too.
  await page.reload();
  await report.getByText(`</script><img src=x`).waitFor();
  expect(await page.locator('img[src="x"]').count()).toBe(0);
  expect(await page.title()).not.toContain('taken over');
  expect(page.complaints.seen).toEqual([]);
});

test('says why one was not run, and what to do', async () => {
  const page = await open();
  await note('likes', notRun);
  const report = page.getByRole('region', { name: 'Report on 1.4' });
  await report.getByText('The computer was too busy').waitFor();
  await report.getByText('Close what uses the processor').waitFor();
  await note('likes', passed);
  await report.waitFor({ state: 'detached' });
  expect(page.complaints.seen).toEqual([]);
});

test('keeps the report of the check before while the next one runs', async () => {
  const page = await open();
  await note('upload-and-show', failed);
  const report = page.getByRole('region', { name: 'Report on 1.2' });
  await report.waitFor();
  judge('upload-and-show');
  await report.getByText('It is judged right now. The check before said:').waitFor();
  await report.getByText('Wrong answer').waitFor();
  await note('upload-and-show', passed);
  stopJudging();
  await report.waitFor({ state: 'detached' });
});

test('says that a check has changed since it was passed', async () => {
  const page = await open();
  await notePassedBefore('page');
  await page.getByText('· open: the check has changed since you passed it').waitFor();
  await page.getByRole('row', { name: '1.5' }).getByText('the check has changed since you passed it').waitFor();
});

test('tells screen readers each verdict once, in one place', async () => {
  const page = await open();
  expect(await page.getByRole('status').count()).toBe(1);
  await page.evaluate(`
    said = [];
    new MutationObserver((changes) => {
      for (const { addedNodes } of changes) for (const node of addedNodes) said.push(node.textContent);
    }).observe(document.querySelector('[role=status]'), { childList: true, subtree: true, characterData: true });
  `);
  await note('upload-and-show', failed);
  await waitForState(page, 'upload-and-show', /failed/);
  // Judging that was interrupted ends as it was before.
  judge('upload-and-show');
  await waitForState(page, 'upload-and-show', /judging/);
  stopJudging();
  await waitForState(page, 'upload-and-show', /failed/);
  await note('upload-and-show', failed);
  await expect.poll(() => page.evaluate('said.length'), { timeout: 20_000 }).toBe(2);
  await note('likes', notRun);
  await waitForState(page, 'likes', /not run/);
  await note('feed', passed);
  await waitForState(page, 'feed', /passed/);
  expect(await page.evaluate('said')).toEqual([
    '1.2 Upload and show a photo: failed. Wrong answer, on machine server.',
    '1.2 Upload and show a photo: failed. Wrong answer, on machine server.',
    '1.4 Likes count right: not run. The computer was too busy to judge a time fairly.',
    '1.3 The feed: passed.',
  ]);
});

test.each([
  ['Chromium', ''],
  [
    'a browser without scroll anchoring',
    `const { supports } = CSS;
    CSS.supports = (...args) => args[0] !== 'overflow-anchor' && supports.apply(CSS, args);
    addEventListener('DOMContentLoaded', () => { document.documentElement.style.overflowAnchor = 'none'; });`,
  ],
])('does not move under a reader when a report appears above, in %s', async (_browser, script) => {
  const page = await newPage(browser, served.url);
  await page.addInitScript(script);
  await page.goto(`${served.url}${firstStep}`);
  await page.getByRole('status').waitFor({ state: 'attached' });
  const heading = page.locator('#likes');
  await page.evaluate("document.querySelector('#likes').scrollIntoView()");
  const top = async (): Promise<number> => (await heading.boundingBox())?.y ?? NaN;
  // A first one, so that what follows finds a page at rest.
  await note('start-the-machine', passed);
  await waitForState(page, 'start-the-machine', /passed/);
  const before = await top();
  await note('upload-and-show', failed);
  await page.getByRole('region', { name: 'Report on 1.2' }).waitFor();
  await expect.poll(async () => Math.abs((await top()) - before)).toBeLessThan(3);
});

for (const colorScheme of schemes) {
  test(`is accessible and fits every window with reports on it, ${colorScheme}`, async () => {
    await note('start-the-machine', passed);
    await note('upload-and-show', failed);
    await note('likes', notRun);
    await notePassedBefore('page');
    judge('feed');
    const page = await open({ colorScheme });
    await page.getByRole('region', { name: 'Report on 1.2' }).waitFor();
    for (const width of widths) {
      await page.setViewportSize({ width, height: 900 });
      expect(await accessibilityProblems(page), `${width} pixels`).toEqual([]);
      expect(await overflow(page), `${width} pixels`).toBe(0);
      const table = await page.locator('article table').first().boundingBox();
      expect((table?.x ?? NaN) + (table?.width ?? NaN), `${width} pixels`).toBeLessThanOrEqual(width);
    }
  });
}
