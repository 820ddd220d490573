// The workshop's pages with the progress of somebody who begins, in a folder of their own.

import { rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { build } from '../../bin/build.mjs';
import type { PagesServer } from '../../src/pages/server.ts';
import { temporaryFolder } from '../unit/temporary.ts';
import { newPage } from './browser.ts';

const folder = temporaryFolder();
// Both are read when the modules below are imported.
process.env['GRAMINSTA_HOME'] = folder;
process.env['GRAMINSTA_BUILD'] = await build();
const { servePages } = await import('../../src/pages/server.ts');
export const { builtPages } = await import('../../src/pages/build.ts');
export const { noteOutcome } = await import('../../src/run/kept/progress.ts');
export const { sayRunning } = await import('../../src/run/kept/running.ts');
export const { allSteps } = await import('../../src/run/steps.ts');

export interface Served extends PagesServer {
  url: string;
}

/** Serves the pages as `npm start` does. @param pages changes when they are built anew */
export async function serve({ port = 0, pages = 'a build' }: { port?: number; pages?: string } = {}): Promise<Served> {
  const served = await servePages(builtPages, pages);
  await new Promise<void>((resolve) => served.server.listen(port, '127.0.0.1', resolve));
  return { ...served, url: `http://127.0.0.1:${(served.server.address() as AddressInfo).port}` };
}

export type Page = Awaited<ReturnType<typeof newPage>>;

/** Opens a page, and waits until it shows the learner's progress. */
export async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Page> {
  const page = await newPage(browser, new URL(url).origin, options);
  await page.goto(url);
  await page.getByRole('status').waitFor({ state: 'attached' });
  return page;
}

/** As if nothing had ever been judged. */
export function forgetProgress(): void {
  sayRunning(undefined);
  for (const file of ['progress.json', 'progress.copy.json']) rmSync(path.join(folder, file), { force: true });
}
