// A deploy onto one machine: its copy of the step's files changes, and nobody else's.

import { appendFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Ports, prepareStepFiles, RunDirectory, RunningStack } from '../../src/runtime/index.ts';
import { defineStack } from '../../src/stack/index.ts';
import { temporaryFolder } from './temporary.ts';

/** Says what the page was when it was started. */
const app = `
import http from 'node:http';
import { readFileSync } from 'node:fs';
const page = readFileSync('client/page.txt');
http.createServer((_request, response) => response.end(page)).listen(Number(process.env.PORT), process.env.HOST);
`;
const description = defineStack(({ machine }) => {
  const [storage, other] = [machine('storage'), machine('other')];
  for (const one of [storage, other]) one.node('src/app.ts');
  return { web: storage, other };
});

let directory: RunDirectory;
let ports: Ports;

beforeAll(async () => {
  [directory, ports] = await Promise.all([RunDirectory.create(), Ports.claim()]);
});
afterAll(async () => {
  await directory.remove();
  await ports.release();
});

test("a machine's files change when they are changed, count from its next start, and are gone with its disk", async () => {
  const step = temporaryFolder({ 'package.json': '{ "type": "module" }', 'src/app.ts': app, 'client/page.txt': 'one' });
  const files = await prepareStepFiles(step, description, path.join(await directory.forStack(), 'files'));
  const stack = await RunningStack.start(description, { files, stackFolder: await directory.forStack(), run: directory, ports });
  const pageOf = async (machine: string): Promise<string> => (await fetch(stack.publicUrl(machine), { headers: { connection: 'close' } })).text();
  try {
    const storage = stack.machine('storage');
    await storage.changeFiles((folder) => appendFile(path.join(folder, 'client/page.txt'), ', two'));
    expect(await pageOf('storage')).toBe('one');
    await storage.restart();
    expect(await pageOf('storage')).toBe('one, two');
    await storage.kill();
    await storage.start();
    expect(await pageOf('storage')).toBe('one, two');
    await stack.machine('other').restart();
    expect(await pageOf('other')).toBe('one');
    await storage.replace();
    expect(await pageOf('storage')).toBe('one');
  } finally {
    await stack.stop();
  }
});
