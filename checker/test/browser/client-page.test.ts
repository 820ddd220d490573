// Step 3's page as a person meets it: it comes from one machine, and its photos from another.

import path from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Courtroom } from '../../src/run/courtroom.ts';
import { RunningStack } from '../../src/runtime/index.ts';
import { layOver } from '../../src/run/overlay.ts';
import { repository } from '../../src/run/repository.ts';
import { seedFeed } from '../../src/run/seed.ts';
import { accessibilityProblems, imagesLoaded, newPage, openBrowser, overflow, schemes, widths } from './browser.ts';

const step = path.join(repository, 'steps/03-split-client');
const picture = path.join(repository, 'checker/fixtures/images/small.webp');

let room: Courtroom;
let stack: RunningStack;
let browser: Browser;
let url: string;
let api: string;

beforeAll(async () => {
  browser = await openBrowser();
  room = await Courtroom.open();
  const folder = await layOver(step, [path.join(step, 'start'), path.join(step, 'solution')], path.join(room.run.path, 'subjects', '1'));
  const { description, files } = await room.prepare(folder);
  stack = await RunningStack.start(description, { files, stackFolder: await room.run.forStack(), run: room.run, ports: room.ports });
  ({ url } = stack.entrance('web'));
  api = stack.entrance('api').url;
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
  await room?.close();
});

/** What went wrong on a page; that it calls the API is right. */
function complaintsOf({ complaints }: Awaited<ReturnType<typeof newPage>>): string[] {
  return complaints.seen.filter((complaint) => complaint !== `asked ${api}`);
}

test('an empty feed says so', async () => {
  const page = await newPage(browser, url);
  await page.goto(url);
  await page.getByText('No photos yet').waitFor();
  await page.context().close();
});

test('the feed begins with a dozen pictures that all load', async () => {
  expect(await seedFeed(api)).toBe(12);
  const page = await newPage(browser, url, { viewport: { width: 1280, height: 4000 } });
  await page.goto(url);
  await page.locator('.card').nth(11).waitFor();
  await imagesLoaded(page);
  expect(complaintsOf(page)).toEqual([]);
  await page.context().close();
});

test('somebody signs up, shares a photo whose caption looks like HTML, likes it, and is known after a reload', async () => {
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
  expect(await page.title()).toBe('Graminsta');

  const like = page.getByRole('button', { name: 'Like the photo by grace' });
  await like.click();
  await page.locator('[aria-pressed="true"]').waitFor();
  await page.reload();
  await page.locator('[aria-pressed="true"]').waitFor();
  expect(await like.locator('.count').textContent()).toBe('1');
  await like.click();
  await page.locator('[aria-pressed="false"] .count', { hasText: '0' }).first().waitFor();
  expect(complaintsOf(page)).toEqual([]);

  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByRole('link', { name: 'Log in or sign up' }).waitFor();
  await page.context().close();
});

test('what the API refuses is said on the page', async () => {
  const page = await newPage(browser, url);
  await page.goto(url);
  await page.getByLabel('Username').fill('grace');
  await page.getByLabel('Password').fill('not the password');
  await page.getByRole('button', { name: 'Log in' }).click();
  await expect.poll(() => page.getByRole('status').textContent()).toMatch(/password/i);
  await page.context().close();
});

test('new photos appear above those that are there, which keep the focus', async () => {
  const page = await newPage(browser, url);
  await page.goto(url);
  const first = page.locator('.card').first();
  await first.locator('.frame').focus();
  const id = await first.getAttribute('data-id');
  const { token } = (await (await fetch(`${api}/api/users`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ username: 'alan', password: 'a password for alan' }) })).json()) as { token: string };
  const form = new FormData();
  form.set('caption', 'From somewhere else');
  form.set('image', new Blob([Buffer.from('GIF89a\u0001\u0000\u0001\u0000\u0000\u0000\u0000;', 'latin1')]), 'one.gif');
  expect((await fetch(`${api}/api/photos`, { method: 'POST', headers: { authorization: `Bearer ${token}` }, body: form })).status).toBe(201);
  await page.getByText('From somewhere else').waitFor();
  expect(await page.evaluate('document.activeElement.closest(".card").dataset.id')).toBe(id);
  await page.context().close();
});

for (const colorScheme of schemes) {
  test(`the page is accessible and fits every window, well and without its API, ${colorScheme}`, async () => {
    const pages = await Promise.all(widths.map(async (width) => ({ width, page: await newPage(browser, url, { colorScheme, viewport: { width, height: 900 } }) })));
    const look = async (when: string): Promise<void> => {
      for (const { width, page } of pages) {
        expect(await accessibilityProblems(page), `${width} pixels, ${when}`).toEqual([]);
        expect(await overflow(page), `${width} pixels, ${when}`).toBe(0);
      }
    };
    for (const { page } of pages) {
      await page.goto(url);
      await page.locator('.card').first().waitFor();
    }
    await look('well');
    await stack.machine('api').kill();
    for (const { page } of pages) await page.getByText('cannot be reached').waitFor();
    await look('without its API');
    await stack.machine('api').start();
    for (const { page } of pages) {
      await expect.poll(() => page.getByRole('status').textContent(), { timeout: 10_000 }).toBe('');
      await page.context().close();
    }
  });
}
