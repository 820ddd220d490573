// What a phone has on it: the addresses of APIs, a token and a position for each, and somebody who types a password.

import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { Trouble } from './api.ts';

const kept = process.env['GRAMINSTA_HOME'] ?? fileURLToPath(new URL('../../../.graminsta', import.meta.url));

/** What `npm run up` says of the stack that it runs. */
interface StackUp {
  step: number;
  /** ISO 8601, in UTC: sorts as text. */
  startedAt: string;
  entrances: Record<string, string>;
}

/** Where the API is: as it was said, or where `npm run up` started one. @throws Trouble when that is nowhere */
export async function apiAddress(said = process.env['GRAMINSTA_API']): Promise<string> {
  if (said !== undefined) {
    if (!/^https?:\/\//.test(said) || !URL.canParse(said)) throw new Trouble(`${said} is no address. It looks like this: http://127.0.0.1:20317`);
    return new URL(said).origin;
  }
  const up = await stackUp();
  if (!up) throw new Trouble('No stack is running. Start one in another terminal, with npm run up 03, or say --api and an address.');
  const { api } = up.entrances;
  if (api === undefined) throw new Trouble(`The stack that runs, of step ${up.step}, has no entrance "api".`);
  return api;
}

/** Of the stacks that run, the one that was started last. */
async function stackUp(): Promise<StackUp | undefined> {
  const folder = path.join(kept, 'entrances');
  const names = (await readdir(folder).catch(() => [])).filter((name) => /^\d+\.json$/.test(name));
  const found = await Promise.all(names.map((name) => stackIn(path.join(folder, name))));
  return found.filter((up) => up !== undefined).sort((one, other) => one.startedAt.localeCompare(other.startedAt)).at(-1);
}

/** What a command says that runs, in a file named by its process. One that was killed has left its file: it goes. */
async function stackIn(file: string): Promise<StackUp | undefined> {
  try {
    if (runs(Number.parseInt(path.basename(file), 10))) return JSON.parse(await readFile(file, 'utf8')) as StackUp;
    await rm(file, { force: true });
  } catch {
    // Gone in this moment, or not to be read.
  }
  return undefined;
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Texts, each by the address of the API that gave it, in a file. */
class Notes {
  readonly #file: string;

  constructor(name: string) {
    this.#file = path.join(kept, name);
  }

  async of(address: string): Promise<string | undefined> {
    return (await this.#read())[address];
  }

  async keep(address: string, text: string): Promise<void> {
    await this.#write({ ...(await this.#read()), [address]: text });
  }

  async forget(address: string): Promise<void> {
    await this.#write(Object.fromEntries(Object.entries(await this.#read()).filter(([other]) => other !== address)));
  }

  async #read(): Promise<Record<string, string>> {
    try {
      return JSON.parse(await readFile(this.#file, 'utf8')) as Record<string, string>;
    } catch {
      return {};
    }
  }

  async #write(all: Record<string, string>): Promise<void> {
    await mkdir(kept, { recursive: true });
    // Whoever has a token is its user.
    await writeFile(this.#file, `${JSON.stringify(all, null, 2)}\n`, { mode: 0o600 });
  }
}

export const tokens = new Notes('phone.json');
/** In a file of their own: nearly every answer writes one, and must not write over a token that came meanwhile. */
export const positions = new Notes('phone-positions.json');

/** The password: as it was said, or typed without being shown, or from standard input. */
export async function passwordOf(said = process.env['GRAMINSTA_PASSWORD']): Promise<string> {
  if (said !== undefined) return said;
  if (!process.stdin.isTTY) return (await text(process.stdin)).replace(/\r?\n$/, '');
  process.stderr.write('Password: ');
  // Nothing that is typed is written back.
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true });
  try {
    return await lines.question('');
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}
