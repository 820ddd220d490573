// The page of steps 5 and 6 as a person meets it: it comes from an edge, its photos go to storage, and its questions to the API.

import path from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Courtroom } from '../../src/run/courtroom.ts';
import { RunningStack } from '../../src/runtime/index.ts';
import { layOver } from '../../src/run/overlay.ts';
import { repository } from '../../src/run/repository.ts';
import { imagesLoaded, newPage, openBrowser } from './browser.ts';

const picture = path.join(repository, 'checker/fixtures/images/small.webp');
const noPicture = path.join(repository, 'README.md');

let room: Courtroom;
let browser: Browser;

beforeAll(async () => {
  browser = await openBrowser();
  room = await Courtroom.open();
});
afterAll(async () => {
  await browser?.close();
  await room?.close();
});

describe.each(['05-cdn', '06-cache-replicas'])('step %s', (name) => {
  const step = path.join(repository, 'steps', name);
  let stack: RunningStack;

  beforeAll(async () => {
    const folder = await layOver(step, [path.join(step, 'start'), path.join(step, 'solution')], path.join(room.run.path, 'subjects', name));
    const { description, files } = await room.prepare(folder);
    stack = await RunningStack.start(description, { files, stackFolder: await room.run.forStack(), run: room.run, ports: room.ports, variables: { CACHE_BYTES: '67108864', UPLOAD_SECONDS: '300' } });
  });
  afterAll(async () => {
    await stack?.stop();
  });

  test('somebody signs up, shares a photo, sees it at once, likes it, and is told what is no photo', async () => {
    const { url } = stack.entrance('web');
    const page = await newPage(browser, url, { viewport: { width: 1280, height: 2000 } });
    await page.goto(url);
    await page.getByLabel('Username').fill('grace');
    await page.getByLabel('Password').fill('a password for grace');
    await page.getByRole('button', { name: 'Sign up' }).click();
    await page.getByRole('heading', { name: 'Share a photo' }).waitFor();

    await page.getByLabel('Photo', { exact: true }).setInputFiles(picture);
    await page.getByLabel('Caption').fill('Straight to storage');
    await page.getByRole('button', { name: 'Share' }).click();
    await page.getByText('Straight to storage').waitFor();
    await imagesLoaded(page);

    const like = page.getByRole('button', { name: 'Like the photo by grace' });
    await like.click();
    await page.locator('[aria-pressed="true"]').waitFor();
    await page.reload();
    await page.getByText('Straight to storage').waitFor();
    expect(await like.locator('.count').textContent()).toBe('1');

    await page.getByLabel('Photo', { exact: true }).setInputFiles(noPicture);
    await page.getByRole('button', { name: 'Share' }).click();
    await page.getByRole('status').filter({ hasText: /PNG, JPEG, WebP|type|image/i }).waitFor();
    expect(await page.locator('.card').count()).toBe(1);
    await page.context().close();
  });
});
