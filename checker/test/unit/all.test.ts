// The gate that all other tests stand on: what `npm test` counts, and that nothing makes it wait for ever.

import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { run } from '../all/command.ts';
import { countReport, runStage } from '../all/run-stage.ts';
import { allRounds, quickRounds, type Stage } from '../all/stages.ts';

function stage(script: string, more: Partial<Stage> = {}): Stage {
  return { name: 'a stage', line: ['sh', '-c', script], limitMs: 5000, ...more };
}

function runQuietly(one: Stage) {
  return runStage(one, '/tmp', () => {});
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

describe('a stage', () => {
  test('passes as one test when its program ends with 0', async () => {
    expect(await runQuietly(stage('exit 0'))).toMatchObject({ passed: 1, failed: 0 });
  });

  test('fails when its program ends with anything else', async () => {
    expect(await runQuietly(stage('exit 2'))).toMatchObject({ passed: 0, failed: 1, note: 'exit code 2' });
  });

  test('fails when its program is killed', async () => {
    expect(await runQuietly(stage('kill -9 $$'))).toMatchObject({ passed: 0, failed: 1, note: 'ended by SIGKILL' });
  });

  test('fails when its program cannot be started', async () => {
    const { failed, note } = await runQuietly(stage('', { line: ['no-such-program'] }));
    expect({ failed, note }).toEqual({ failed: 1, note: expect.stringContaining('no-such-program') as string });
  });

  test('fails when it takes too long', async () => {
    const result = await runQuietly(stage('sleep 60', { limitMs: 200 }));
    expect(result).toMatchObject({ passed: 0, failed: 1, note: 'not done after 0.2 s, so it was ended' });
    expect(result.tookMs).toBeLessThan(5000);
  });

  test('fails for what it says although its program ends with 0', async () => {
    const withBrokenLinks = stage('echo Docusaurus found broken links', { failsOn: /found broken/ });
    expect(await runQuietly(withBrokenLinks)).toMatchObject({ passed: 0, failed: 1 });
  });

  test('of Vitest fails when there are no results', async () => {
    expect(await runQuietly(stage('exit 0', { project: 'no-such-project' }))).toMatchObject({ passed: 0, failed: 1 });
  });

  test('fails when something that it needs is missing', async () => {
    const lame = stage('exit 0', { before: () => ({ missing: 'Chromium is missing' }) });
    expect(await runQuietly(lame)).toMatchObject({ passed: 0, failed: 1, note: 'Chromium is missing' });
  });

  test('that such a computer cannot run counts neither way, and says so', async () => {
    const stranger = stage('exit 1', { before: () => ({ notRun: 'There is no Docker.' }) });
    expect(await runQuietly(stranger)).toMatchObject({ passed: 0, failed: 0, notRun: true, note: 'There is no Docker.' });
  });

  test('counts as no test when it only prepares', async () => {
    expect(await runQuietly(stage('exit 0', { preparation: true }))).toMatchObject({ passed: 0, failed: 0 });
    expect(await runQuietly(stage('exit 1', { preparation: true }))).toMatchObject({ passed: 0, failed: 1 });
  });
});

describe('a command', () => {
  test('leaves nothing running, not even what it started in the background', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const connected = once(server, 'connection') as Promise<[Socket]>;

    // The program ends at the first line of what it leaves behind, which would stay connected for ever.
    const background = `require('net').connect(${port}, '127.0.0.1', () => console.log('connected'))`;
    const line = ['sh', '-c', `(${quoted(process.execPath)} -e ${quoted(background)} &) | head -n 1`] satisfies Stage['line'];
    expect(await run({ line, limitMs: 10_000, onOutput: () => {} })).toEqual({ kind: 'exited', code: 0 });

    const [socket] = await connected;
    socket.resume().on('error', () => {});
    await expect.poll(() => socket.destroyed).toBe(true);
    server.close();
  });

  test('that ignores SIGTERM is ended all the same', async () => {
    const stubborn = ['sh', '-c', 'trap "" TERM; while :; do sleep 1; done'] satisfies Stage['line'];
    expect(await run({ line: stubborn, limitMs: 200, onOutput: () => {} })).toEqual({ kind: 'too slow' });
  });
});

describe('a report of Vitest', () => {
  const tests = (...statuses: string[]) => statuses.map((status) => ({ status }));

  test('counts each test', () => {
    const testResults = [
      { status: 'passed', assertionResults: tests('passed', 'passed', 'skipped') },
      { status: 'failed', assertionResults: tests('passed', 'failed') },
    ];
    expect(countReport({ testResults })).toEqual({ passed: 3, failed: 1, note: '1 skipped' });
  });

  test('counts a file that cannot be imported as one failure', () => {
    const testResults = [{ status: 'failed', assertionResults: [] }];
    expect(countReport({ testResults })).toMatchObject({ passed: 0, failed: 1 });
  });
});

test('the stages that start whole stacks have the computer to themselves', () => {
  const crowded = allRounds().filter((round) => round.length > 1);
  const names = crowded.flat(2).map((one) => one.project);
  for (const project of ['commands', 'proof', 'browser']) expect(names).not.toContain(project);
});

test('the quick run is a part of the whole', () => {
  const namesOf = (rounds: Stage[][][]) => rounds.flat(2).map((one) => one.name);
  const whole = namesOf(allRounds());
  for (const name of namesOf(quickRounds()).filter((one) => one !== 'quick tests')) expect(whole).toContain(name);
});
