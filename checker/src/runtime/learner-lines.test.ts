import { expect, test } from 'vitest';
import { learnerLines, withoutDisks } from './learner-lines.ts';

const root = '/dev/shm/graminsta-0-4711-a1b2c3';
const files = `${root}/2/server/files`;

function shown(text: string): string[] {
  const show = learnerLines([root]);
  return text.split('\n').flatMap((line) => show(line) ?? []);
}

test("an error that nobody caught is shown with the learner's own frames and places only", () => {
  const printed = [
    `${files}/src/app.ts:7`,
    "  throw new Error('boom');",
    '        ^',
    '',
    'Error: boom',
    `    at createApp (${files}/src/app.ts:7:9)`,
    `    at Layer.handle (${root}/2/server/node_modules/express/lib/layer.js:95:5)`,
    '    at new Promise (<anonymous>)',
    `    at <anonymous> (file://${files}/src/server.ts:9:1)`,
    '    at ModuleJob.run (node:internal/modules/esm/module_job:263:25)',
    '    at async Promise.all (index 0)',
    '    at async loadESM (node:internal/process/esm_loader:34:7)',
    '',
    'Node.js v20.20.2',
  ];
  expect(shown(printed.join('\n'))).toEqual([
    'src/app.ts:7',
    "  throw new Error('boom');",
    '        ^',
    '',
    'Error: boom',
    '    at createApp (src/app.ts:7:9)',
    '    at <anonymous> (src/server.ts:9:1)',
    '',
  ]);
});

test('the code of Node.js and of packages at which an error was thrown is left out', () => {
  const printed = [
    'node:events:497',
    '      throw er; // Unhandled error event',
    '      ^',
    'Error: listen EADDRINUSE: address already in use 127.0.0.1:3000',
    '    at Server.setupListenHandle [as _listen2] (node:net:1940:16)',
    '/home/ada/graminsta/node_modules/pg-pool/index.js:45',
    '    Error.captureStackTrace(err)',
    '          ^',
    'error: relation "users" does not exist',
    `    at query (${files}/src/db.ts:16:18) {`,
    "  code: '42P01'",
    '}',
  ];
  expect(shown(printed.join('\n'))).toEqual([
    'Error: listen EADDRINUSE: address already in use 127.0.0.1:3000',
    'error: relation "users" does not exist',
    '    at query (src/db.ts:16:18) {',
    "  code: '42P01'",
    '}',
  ]);
});

test('the properties of an error stay in their braces when its last frame goes', () => {
  expect(shown('Error: no\n    at connect (node:net:1:2) {\n  code: 1\n}')).toEqual(['Error: no', '    {', '  code: 1', '}']);
});

test('what an app prints itself stays as it is', () => {
  const printed = ['listening at http://127.0.0.1:20017', '    at home: 3', 'meet at 10:30', '/api/photos took 4 ms', 'at:1:2'];
  expect(shown(printed.join('\n'))).toEqual(printed);
});

test("paths on a machine's disk are told as its programs know them", () => {
  expect(withoutDisks(`connect ENOENT ${root}/2/server/data/postgres/.s.PGSQL.5432`, [root])).toBe('connect ENOENT $DATA_DIR/postgres/.s.PGSQL.5432');
  expect(withoutDisks(`cwd ${files}, tmp '${root}/3/api-1/tmp'`, [root])).toBe("cwd ., tmp '$TMPDIR'");
  expect(withoutDisks(`/home/ada/my code/up/server/files/src/db.ts:3`, ['/home/ada/my code/up'])).toBe('src/db.ts:3');
  expect(withoutDisks('/srv/2/server/files/src/db.ts', [root])).toBe('/srv/2/server/files/src/db.ts');
});
