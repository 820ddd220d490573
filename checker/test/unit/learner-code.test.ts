// A learner's own code on its way into a machine: compiled beside its source, or told what is wrong with it.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadStack } from '../../src/runtime/description-loader.ts';
import { RunDirectory } from '../../src/runtime/run-directory.ts';
import { ownFrames, SourceError } from '../../src/runtime/source-error.ts';
import { compiledPath, transpile } from '../../src/runtime/transpile.ts';
import { StackError } from '../../src/stack/index.ts';
import { temporaryFolder } from './temporary.ts';

const run = promisify(execFile);

/** What a program of these files prints. */
async function printed(files: Record<string, string>, entry = 'src/app.ts'): Promise<string> {
  const folder = temporaryFolder({ 'package.json': '{ "type": "module" }', ...files });
  const { stdout } = await run(process.execPath, ['--enable-source-maps', await transpile(folder, entry)], { cwd: folder });
  return stdout.trim();
}

/** Where and what, as a learner is told. */
async function mistake(attempt: Promise<unknown>): Promise<{ place: string; message: string }> {
  const error: unknown = await attempt.then(() => undefined, (thrown: unknown) => thrown);
  if (error instanceof SourceError) return { place: error.place, message: error.message };
  throw new Error(`Not a SourceError: ${String(error)}`);
}

describe.concurrent('a program in TypeScript', () => {
  test.each([
    ['./greet.ts', { 'src/greet.ts': 'export const greet = (name: string): string => `hello ${name}`;' }],
    ['./greet', { 'src/greet.ts': 'export const greet = (name: string): string => `hello ${name}`;' }],
    ['./greet.js', { 'src/greet.ts': 'export const greet = (name: string): string => `hello ${name}`;' }],
    ['./lib', { 'src/lib/index.ts': "export * from './greet.ts';", 'src/lib/greet.ts': 'export const greet = (name: string): string => `hello ${name}`;' }],
    ['../shared/greet.ts', { 'shared/greet.ts': 'export const greet = (name: string): string => `hello ${name}`;' }],
    ['./greet.mjs', { 'src/greet.mjs': 'export const greet = (name) => `hello ${name}`;' }],
  ])('imports its other files as %s', async (imported, files: Record<string, string>) => {
    expect(await printed({ 'src/app.ts': `import { greet } from '${imported}';\nconsole.log(greet('Ada'));`, ...files })).toBe('hello Ada');
  });

  test('imports files that import each other', async () => {
    const files = {
      'src/app.ts': "import { ping } from './ping.ts'; console.log(ping(3));",
      'src/ping.ts': "import { pong } from './pong.ts'; export const ping = (n: number): string => n === 0 ? '.' : `ping ${pong(n - 1)}`;",
      'src/pong.ts': "import { ping } from './ping.ts'; export const pong = (n: number): string => n === 0 ? '.' : `pong ${ping(n - 1)}`;",
    };
    expect(await printed(files)).toBe('ping pong ping .');
  });

  test('reads JSON by import', async () => {
    const files = { 'src/app.ts': "import config from './config.json' with { type: 'json' };\nconsole.log(config.title);", 'src/config.json': '{ "title": "Graminsta" }' };
    expect(await printed(files)).toBe('Graminsta');
  });

  test('knows where it is: a file beside it is found by import.meta.url', async () => {
    const files = {
      'src/db/schema.sql': 'create table photos',
      'src/db/migrate.ts': "import { readFileSync } from 'node:fs';\nexport const schema: string = readFileSync(new URL('./schema.sql', import.meta.url), 'utf8');",
      'src/app.ts': "import { schema } from './db/migrate.ts';\nconsole.log(schema, import.meta.url.endsWith('/src/app.js'));",
    };
    expect(await printed(files)).toBe('create table photos true');
  });

  test('imports a file later, when it needs it', async () => {
    const files = {
      'src/app.ts': "const { late } = await import('./late.ts');\nconsole.log(late());",
      'src/late.ts': "import { word } from './word.ts';\nexport const late = (): string => word;",
      'src/word.ts': "export const word: string = 'better late';",
    };
    expect(await printed(files)).toBe('better late');
  });

  test('uses packages and what Node.js brings, untouched', async () => {
    expect(await printed({ 'src/app.ts': "import path from 'node:path';\nimport { sep } from 'path';\nconsole.log(path.sep === sep);" })).toBe('true');
  });

  test('may have types that are only types', async () => {
    const files = {
      'src/app.ts': "import type { Photo } from './types.ts';\nimport { type User, name } from './types.ts';\nconst photo: Photo = { id: 1 }; const user: User = name; console.log(photo.id, user);",
      'src/types.ts': "export interface Photo { id: number }\nexport type User = string;\nexport const name: User = 'Ada';",
    };
    expect(await printed(files)).toBe('1 Ada');
  });

  test('tells in a stack trace the lines that the learner wrote', async () => {
    const folder = temporaryFolder({
      'package.json': '{ "type": "module" }',
      'src/app.ts': "interface Unused { a: string }\n\nimport { fail } from './fail.ts';\n\nfail();",
      'src/fail.ts': "type Nothing = never;\n\nexport function fail(): Nothing {\n  throw new Error('as told');\n}",
    });
    const { stderr } = await run(process.execPath, ['--enable-source-maps', await transpile(folder, 'src/app.ts')]).then(
      () => ({ stderr: '' }),
      (error: { stderr: string }) => error,
    );
    expect(ownFrames(stderr, folder)).toEqual(expect.arrayContaining(['src/fail.ts:4', 'src/app.ts:5']));
  });

  test('in JavaScript runs as it is', async () => {
    expect(await printed({ 'src/app.js': "console.log('as it is');" }, 'src/app.js')).toBe('as it is');
    expect(compiledPath('/step/src/app.js')).toBe('/step/src/app.js');
    expect(['a.ts', 'a.tsx', 'a.mts', 'a.cts'].map(compiledPath)).toEqual(['a.js', 'a.js', 'a.js', 'a.js']);
  });
});

describe.concurrent('a mistake in a program is told with its file and line:', () => {
  const attempt = (files: Record<string, string>): Promise<{ place: string; message: string }> =>
    mistake(transpile(temporaryFolder(files), 'src/app.ts'));

  test('a syntax error', async () => {
    expect(await attempt({ 'src/app.ts': 'const a = 1;\n\nconst b = (;\n' })).toEqual({ place: 'src/app.ts:3', message: 'Unexpected ";"\nconst b = (;' });
  });

  test('a syntax error in a file that is imported', async () => {
    const files = { 'src/app.ts': "import './routes/photos.ts';", 'src/routes/photos.ts': '\nexport function {' };
    expect(await attempt(files)).toMatchObject({ place: 'src/routes/photos.ts:2' });
  });

  test('an import of a file that is not there', async () => {
    const { place, message } = await attempt({ 'src/app.ts': "\nimport { db } from './database.ts';\nconsole.log(db);" });
    expect(place).toBe('src/app.ts:2');
    expect(message).toContain('Could not resolve "./database.ts"');
  });
});

describe.concurrent('a stack.ts', () => {
  let directory: RunDirectory;
  beforeAll(async () => {
    directory = await RunDirectory.create();
  });
  afterAll(() => directory.remove());

  const load = (source: string, more: Record<string, string> = {}): ReturnType<typeof loadStack> =>
    loadStack(temporaryFolder({ 'stack.ts': source, ...more }), temporaryFolder(), directory);
  const before = "import { defineStack } from 'checker/stack';\n";

  test('gives the machines that it describes, with files of the learner beside it, whatever it prints', async () => {
    const stack = await load(
      `${before}import { size } from './sizes.ts';
       console.log('{"stack":"mine"}');
       export default defineStack(({ machine }) => {
         const server = machine('server', { size });
         server.node('src/server.ts', { LINK: server.publicUrl });
         return { web: server };
       });`,
      { 'sizes.ts': 'export const size: number = 0.5;' },
    );
    expect(stack).toEqual({
      machines: [
        { name: 'server', region: 'us', size: 0.5, services: [{ kind: 'node', name: 'node', entry: 'src/server.ts', env: { LINK: '⟦public server⟧' } }] },
      ],
      volumes: [],
      entrances: { web: 'server' },
    });
  });

  test('with a mistake in the description is told in its sentence', async () => {
    await expect(load(`${before}export default defineStack(({ machine }) => ({ web: machine('server') }));`)).rejects.toThrow(
      new StackError(`Nothing runs on machine "server". Give it a service, for example server.node('src/server.ts'), or remove it.`),
    );
  });

  test('that throws is told with file and line', async () => {
    expect(await mistake(load(`${before}\nconst size: number = 1;\nthrow new Error(\`no \${size}\`);\nexport default defineStack(() => ({}));`))).toEqual({
      place: 'stack.ts:4',
      message: 'Error: no 1',
    });
  });

  test('that throws in a file beside it is told with that file', async () => {
    const files = { 'machines.ts': '\nexport function names(): string[] {\n  return (undefined as unknown as string).split(" ");\n}' };
    const source = `${before}import { names } from './machines.ts';\nexport default defineStack(() => { names(); return {}; });`;
    expect(await mistake(load(source, files))).toMatchObject({ place: 'machines.ts:3', message: expect.stringContaining('TypeError') as string });
  });

  test('with a syntax error is told with file and line', async () => {
    expect(await mistake(load(`${before}export default defineStack(({ machine ) => ({}));`))).toMatchObject({ place: 'stack.ts:2' });
  });

  test('that exports no stack is told how to', async () => {
    await expect(load(`${before}defineStack(() => ({}));`)).rejects.toThrow(StackError);
    await expect(load('export const stack = 1;')).rejects.toThrow(
      new StackError('stack.ts does not export a stack. Write: export default defineStack(({ machine }) => { … });'),
    );
  });

  test('that ends the process is told so', async () => {
    await expect(load('process.exit(3);')).rejects.toThrow(
      new StackError('stack.ts ended the process itself (exit code 3). It should describe machines and return.'),
    );
  });

  test('that ends the process as if all were well is told so', async () => {
    await expect(load('process.exit(0);')).rejects.toThrow(
      new StackError('stack.ts ended the process itself (exit code 0). It should describe machines and return.'),
    );
  });

  test('that waits for something that never comes does not hold anybody up', async () => {
    await expect(load('await new Promise(() => {});\nexport default 1;')).rejects.toThrow(StackError);
  });

  test('that does not come to an end is ended', async () => {
    const endless = loadStack(temporaryFolder({ 'stack.ts': 'for (;;);\nexport default 1;' }), temporaryFolder(), directory, 1_000);
    await expect(endless).rejects.toThrow(new StackError('stack.ts did not come to an end within 1 s. It should describe machines and return.'));
  });
});
