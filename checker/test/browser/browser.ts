import { AxeBuilder } from '@axe-core/playwright';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { until } from '../../src/runtime/until.ts';
import { findChromium } from '../all/paths.ts';

/** Debian's browser, told to stay away from the network: everything that is tested is on this computer. */
const quiet = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** @throws Error when there is none: `./setup --tests` installs it. */
export function openBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  if (!executablePath) throw new Error('There is no Chromium on this computer. Run ./setup --tests.');
  return chromium.launch({ executablePath, args: quiet });
}

export const widths = [360, 768, 1280];
export const schemes = ['light', 'dark'] as const;

export interface Complaints {
  /** What the page logged as an error, what it failed to load, and what it asked elsewhere. */
  seen: string[];
}

/** A page that notes what goes wrong on it. */
export async function newPage(browser: Browser, origin: string, options: BrowserContextOptions = {}): Promise<Page & { complaints: Complaints }> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints: Complaints = { seen: [] };
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.seen.push(message.text());
  });
  page.on('pageerror', (error) => complaints.seen.push(error.message));
  page.on('request', (request) => {
    const { protocol, origin: asked } = new URL(request.url());
    if (protocol.startsWith('http') && asked !== origin) complaints.seen.push(`asked ${asked}`);
  });
  return Object.assign(page, { complaints });
}

/** Waits until every image on a page has loaded. It is asked from outside: a page's own policy may forbid to evaluate anything in it. */
export async function imagesLoaded(page: Page): Promise<void> {
  await until('every image to load', () => page.evaluate<boolean>('[...document.images].every(({ naturalWidth }) => naturalWidth > 0)'), { timeoutMs: 10_000 });
}

/** What axe finds wrong, a line each. */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
}

/** By how many pixels the page is wider than its window. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
}
