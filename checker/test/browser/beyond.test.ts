// The sketch of the page "Beyond": for eyes, for keys and for those who hear it.

import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accessibilityProblems, newPage, openBrowser, overflow, schemes, widths } from './browser.ts';
import { serve, type Page, type Served } from './pages.ts';

let served: Served;
let browser: Browser;

beforeAll(async () => {
  browser = await openBrowser();
  served = await serve();
});
afterAll(async () => {
  await browser?.close();
  await served?.close();
});

async function open(options: Parameters<typeof newPage>[2] = {}): Promise<Page> {
  const page = await newPage(browser, served.url, options);
  await page.goto(`${served.url}/beyond`, { waitUntil: 'networkidle' });
  return page;
}

const verdictOf = (page: Page) => page.getByRole('region', { name: 'What gives in first?' }).locator('[aria-live]');
const loadOf = (page: Page, name: string) => page.getByRole('list', { name: /how full/i }).getByRole('listitem').filter({ hasText: new RegExp(`^${name} ×`) });

test.each(schemes)('the page is accessible and fits every window, also with something that gives in, %s', async (colorScheme) => {
  const page = await open({ colorScheme, viewport: { width: 1280, height: 900 } });
  for (const situation of ['As after step 6', '20 times the writers']) {
    await page.getByRole('button', { name: situation }).click();
    expect(await accessibilityProblems(page), situation).toEqual([]);
    for (const width of widths) {
      await page.setViewportSize({ width, height: 900 });
      expect(await overflow(page), `${width} pixels`).toBe(0);
    }
  }
  expect(page.complaints.seen).toEqual([]);
  await page.context().close();
});

test('it says in words what gives in, and what helps', async () => {
  const page = await open();
  expect(await verdictOf(page).textContent()).toContain('Nothing gives in.');
  await page.getByRole('button', { name: '20 times the writers' }).click();
  expect(await verdictOf(page).textContent()).toMatch(/^First gives in the primary, of which 160 % .*; then the API, of which 125 %/);
  expect(await loadOf(page, 'primary').textContent()).toContain('160 %, gives in');
  await page.getByLabel('Queue for slow work').check();
  await page.getByLabel('Shards').fill('2');
  expect(await verdictOf(page).textContent()).toContain('Nothing gives in. The fullest is the primary, at 80 %');
  expect(await loadOf(page, 'worker').count()).toBe(1);
  await page.context().close();
});

test('it is worked with the keyboard alone', async () => {
  const page = await open();
  const reads = page.getByLabel('Reads of the feed');
  await reads.focus();
  expect(await reads.getAttribute('aria-valuetext')).toBe('2,000 a second');
  for (let times = 0; times < 10; times += 1) await page.keyboard.press('ArrowRight');
  expect(await reads.getAttribute('aria-valuetext')).toMatch(/^6,\d00 a second$/);
  expect(await loadOf(page, 'API').textContent()).toContain('gives in');
  await page.getByLabel('Cache').focus();
  await page.keyboard.press('Space');
  expect(await loadOf(page, 'cache').count()).toBe(0);
  await page.context().close();
});

test('without scripts it is there to be read', async () => {
  const page = await newPage(browser, served.url, { javaScriptEnabled: false });
  await page.goto(`${served.url}/beyond`);
  expect(await verdictOf(page).textContent()).toContain('Nothing gives in.');
  expect(await loadOf(page, 'API').textContent()).toContain('÷');
  await page.context().close();
});
