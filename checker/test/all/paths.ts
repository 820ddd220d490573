import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The repository's root. */
export const root = join(import.meta.dirname, '../../..');

export function inRoot(...parts: string[]): string {
  return join(root, ...parts);
}

/** The path of a program that a root dependency brings. */
export function bin(name: string): string {
  return inRoot('node_modules/.bin', name);
}

const macApplications = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** Where the browser for the tests is, or undefined: the programs that `./setup --tests` looks for. */
export function findChromium(): string | undefined {
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const onPath = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  return [...onPath, ...macApplications].find((path) => existsSync(path));
}
