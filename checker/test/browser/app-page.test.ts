// Step 1's page as a person meets it: in a browser, with the twelve pictures that `npm run up` begins with.

import path from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Courtroom } from '../../src/run/courtroom.ts';
import { RunningStack } from '../../src/runtime/index.ts';
import { layOver } from '../../src/run/overlay.ts';
import { repository } from '../../src/run/repository.ts';
import { seedFeed } from '../../src/run/seed.ts';
import { accessibilityProblems, newPage, openBrowser, overflow, schemes, widths } from './browser.ts';

const step = path.join(repository, 'steps/01-single-machine');
const picture = path.join(repository, 'checker/fixtures/images/small.webp');

let room: Courtroom;
let stack: RunningStack;
let browser: Browser;
let url: string;

beforeAll(async () => {
  browser = await openBrowser();
  room = await Courtroom.open();
  const folder = await layOver(step, [path.join(step, 'start'), path.join(step, 'solution')], path.join(room.run.path, 'subjects', '1'));
  const { description, files } = await room.prepare(folder);
  stack = await RunningStack.start(description, { files, stackFolder: await room.run.forStack(), run: room.run, ports: room.ports });
  ({ url } = stack.entrance('web'));
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
  await room?.close();
});

test('an empty feed says so', async () => {
  const page = await newPage(browser, url);
  await page.goto(url);
  expect(await page.getByText('No photos yet').isVisible()).toBe(true);
  await page.context().close();
});

test('the feed begins with a dozen pictures that all load', async () => {
  expect(await seedFeed(url)).toBe(12);
  const page = await newPage(browser, url, { viewport: { width: 1280, height: 4000 } });
  await page.goto(url, { waitUntil: 'networkidle' });
  const widthsOfImages = await page.locator('img').evaluateAll((images) => images.map((image) => (image as { naturalWidth?: number }).naturalWidth ?? 0));
  expect(widthsOfImages).toHaveLength(12);
  expect(Math.min(...widthsOfImages)).toBeGreaterThan(0);
  expect(page.complaints.seen).toEqual([]);
  await page.context().close();
});

test('somebody signs up, shares a photo whose caption looks like HTML, and likes it', async () => {
  const page = await newPage(browser, url);
  await page.goto(url);
  await page.getByLabel('Username').fill('grace');
  await page.getByLabel('Password').fill('a password for grace');
  await page.getByRole('button', { name: 'Sign up' }).click();
  await page.getByRole('heading', { name: 'Share a photo' }).waitFor();

  const caption = '<img src=x onerror="document.title=\'taken over\'"> & "quotes"';
  await page.getByLabel('Photo', { exact: true }).setInputFiles(picture);
  await page.getByLabel('Caption').fill(caption);
  await page.getByRole('button', { name: 'Share' }).click();
  await page.getByText(caption).waitFor();
  expect(await page.title()).not.toContain('taken over');

  const like = page.getByRole('button', { name: 'Like the photo by grace' });
  await like.click();
  await page.locator('[aria-pressed="true"]').waitFor();
  expect(await like.locator('.count').textContent()).toBe('1');
  expect(page.complaints.seen).toEqual([]);

  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByRole('link', { name: 'Log in or sign up' }).waitFor();
  await page.context().close();
});

for (const colorScheme of schemes) {
  test(`the page is accessible and fits every window, ${colorScheme}`, async () => {
    for (const width of widths) {
      const page = await newPage(browser, url, { colorScheme, viewport: { width, height: 900 } });
      await page.goto(url);
      expect(await accessibilityProblems(page), `${width} pixels`).toEqual([]);
      expect(await overflow(page), `${width} pixels`).toBe(0);
      await page.context().close();
    }
  });
}
