// What the commands print for programs: one document and nothing else, as its schema says.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { applyPatch } from 'diff';
import { describe, expect, test } from 'vitest';
import type { DoctorDocument } from '../../src/doctor/document.ts';
import type { CheckDocument, HintDocument, PainDocument, ProgressDocument, SolutionDocument } from '../../src/run/reports/documents.ts';
import { inRoot } from '../all/paths.ts';
import { documentErrors, junitErrors, type DocumentName } from '../schemas.ts';
import { workshops, type Result } from '../workshop.ts';
import { expectWords } from './expectations.ts';

const inWorkshop = workshops(2);

interface Documents {
  check: CheckDocument;
  progress: ProgressDocument;
  hint: HintDocument;
  solution: SolutionDocument;
  pain: PainDocument;
  doctor: DoctorDocument;
}

/** The one document that a command printed. */
function documentOf<Name extends DocumentName>(name: Name, { stdout }: Result): Documents[Name] {
  const document = JSON.parse(stdout) as Documents[Name];
  expect(documentErrors(name, document)).toEqual([]);
  expect(document.document).toBe(`graminsta.${name}`);
  return document;
}

describe('with --json there is one document and nothing else, and the exit code stays the same, of', () => {
  test.concurrent.each<[string, DocumentName, string[], string[], number]>([
    ['a check that fails', 'check', ['check', '01'], [], 1],
    ['a check that passes', 'check', ['check', '1.1'], ['solution'], 0],
    ['a pain before anything is solved', 'pain', ['pain', '01'], [], 0],
    ['a pain of machines that do not start', 'pain', ['pain', '01'], ['solution', 'bad-input/exits-at-once'], 1],
    ['the progress', 'progress', ['progress'], [], 0],
    ['a hint', 'hint', ['hint', '1.1'], [], 0],
    ['the hint to go on with, up to a level', 'hint', ['hint', '--level', '3'], [], 0],
    ['the solution of a step', 'solution', ['solution', '01'], [], 0],
    ['the solution of an exercise, with differences', 'solution', ['solution', '1.4', '--diff'], [], 0],
    ['the solution where it is in place', 'solution', ['solution', '01', '--diff'], ['solution'], 0],
    ['the doctor, who misses what this workshop was not given', 'doctor', ['doctor'], [], 2],
  ])('%s', async (_what, name, args, overlays, code) => {
    await inWorkshop(overlays, async (workshop) => {
      const result = await workshop.run([...args, '--json']);
      documentOf(name, result);
      expect(result).toMatchObject({ code, stderr: '' });
      expect(result.stdout).toMatch(/^\{\n[^]*\n\}\n$/);
      expect((await workshop.run(args)).code).toBe(code);
    });
  });
});

describe('a document of', () => {
  test.concurrent('a check has the reports on what did not pass', async () => {
    await inWorkshop([], async (workshop) => {
      const { exercises, summary, interrupted } = documentOf('check', await workshop.run(['check', '01', '--json']));
      expect(exercises.map(({ number, verdict }) => `${number} ${verdict}`)).toEqual(['1.1 failed', '1.2 not run', '1.3 not run', '1.4 not run', '1.5 not run', '1.6 not run']);
      expect(exercises[0]).toMatchObject({ slug: 'start-the-machine', kind: 'core', report: { kind: 'wrong stack', hint: 'npm run hint 1.1' } });
      expect(exercises[1]).toMatchObject({ ms: 0, report: { reason: expect.stringContaining('Blocked by 1.1') as string } });
      expect({ summary, interrupted }).toEqual({ summary: { passed: 0, failed: 1, notRun: 5, faults: 0 }, interrupted: false });
    });
  });

  test.concurrent('a check on the page about documents is what the start state gets', async () => {
    const page = readFileSync(inRoot('docs/content/machine-readable.mdx'), 'utf8');
    const [, example = ''] = /```json\n([^]*?)```/.exec(page) ?? [];
    const withoutTime = ({ exercises, ...document }: CheckDocument): object => ({ ...document, exercises: exercises.map((exercise) => ({ ...exercise, ms: 0 })) });
    await inWorkshop([], async (workshop) => {
      const document = documentOf('check', await workshop.run(['check', '1.1', '--json']));
      expect(withoutTime(JSON.parse(example) as CheckDocument)).toEqual(withoutTime(document));
    });
  });

  test.concurrent('a check that is ended early says so, with what was judged by then', async () => {
    await inWorkshop(['solution'], async (workshop) => {
      const command = workshop.start(['check', '1.4', '--json']);
      await command.family.untilRuns('src/server.js');
      command.signal('SIGINT');
      const result = await command.ended;
      expect(documentOf('check', result)).toMatchObject({ exercises: [], interrupted: true });
      expect(result).toMatchObject({ code: 130, stderr: expect.stringContaining('Stopping the machines.') as string });
    });
  });

  test.concurrent('a check whose verdicts cannot be kept says why, and so does the standard error output', async () => {
    await inWorkshop([], async (workshop) => {
      const result = await workshop.run(['check', '1.1', '--json'], { env: { GRAMINSTA_HOME: workshop.path('package.json/kept') } });
      const { notKept } = documentOf('check', result);
      expect(notKept).toBeTruthy();
      expect(result).toMatchObject({ code: 1, stderr: expect.stringContaining(notKept!) as string });
    });
  });

  test.concurrent('a check while watching is on one line for each run', async () => {
    await inWorkshop([], async (workshop) => {
      const command = workshop.start(['check', '1.1', '--watch', '--json']);
      await command.says(/\}\n/);
      workshop.write('steps/01-single-machine/src/health.ts', `${workshop.read('steps/01-single-machine/src/health.ts')}\n`);
      await command.says(/\}\n[^]*\}\n/);
      command.signal('SIGINT');
      const { stdout, code } = await command.ended;
      const documents = stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as CheckDocument);
      expect(documents.map((document) => documentErrors('check', document))).toEqual([[], []]);
      expect(documents[1]).toMatchObject({ exercises: [{ number: '1.1', verdict: 'failed' }], interrupted: false });
      expect(code).toBe(130);
    });
  });

  test.concurrent('the progress says what was judged, and where to go on', async () => {
    await inWorkshop(['solution'], async (workshop) => {
      const before = documentOf('progress', await workshop.run(['progress', '--json']));
      expect(before.next).toEqual({ step: '01-single-machine', exercise: 'start-the-machine' });
      expect(before.steps[0]?.exercises.map(({ state }) => state)).toEqual(Array.from({ length: 6 }, () => 'open'));
      await workshop.run(['check', '1.1']);
      const after = documentOf('progress', await workshop.run(['progress', '--json']));
      expect(after.next).toEqual({ step: '01-single-machine', exercise: 'upload-and-show' });
      expect(after.steps[0]?.exercises[0]).toMatchObject({ slug: 'start-the-machine', state: 'passed', at: expect.any(String) as string, ms: expect.any(Number) as number });
    });
  });

  test.concurrent('a hint has one more each time it is asked, and counts with those that people ask for', async () => {
    await inWorkshop([], async (workshop) => {
      const levels = async (): Promise<number[]> => documentOf('hint', await workshop.run(['hint', '1.1', '--json'])).hints.map(({ level }) => level);
      expect(await levels()).toEqual([1]);
      expectWords(await workshop.run(['hint', '1.1']), 'an idea:');
      expect(await levels()).toEqual([1, 2, 3]);
      const last = documentOf('hint', await workshop.run(['hint', '1.1', '--json']));
      expect(last).toMatchObject({ exercise: { number: '1.1', slug: 'start-the-machine' }, levels: 3, hints: [{ name: 'a nudge' }, { name: 'an idea' }, { name: 'the way' }] });
    });
  });

  test.concurrent('a solution has differences that lead from the files of the learner to those of the solution', async () => {
    await inWorkshop([], async (workshop) => {
      const { exercise, files } = documentOf('solution', await workshop.run(['solution', '1.4', '--diff', '--json']));
      expect(exercise?.slug).toBe('likes');
      expect(files.length).toBeGreaterThan(0);
      for (const { path, diff } of files) {
        const mine = existsSync(workshop.path(path)) ? workshop.read(path) : '';
        expect(applyPatch(mine, diff!)).toBe(workshop.read(path.replace(workshop.step, `${workshop.step}/solution`)));
      }
    });
  });

  test.concurrent('a solution says where nothing differs, and of a whole step names no exercise', async () => {
    await inWorkshop(['solution'], async (workshop) => {
      const document = documentOf('solution', await workshop.run(['solution', '01', '--diff', '--json']));
      expect(document).not.toHaveProperty('exercise');
      expect(new Set(document.files.map(({ diff }) => diff))).toEqual(new Set(['']));
      const list = documentOf('solution', await workshop.run(['solution', '01', '--json']));
      expect(list.files).toEqual(document.files.map(({ path }) => ({ path })));
    });
  });

  test.concurrent('a pain has its timeline in order', async () => {
    await inWorkshop(['solution'], async (workshop) => {
      const { timeline, verdict } = documentOf('pain', await workshop.run(['pain', '01', '--json']));
      expect(verdict).toBe('passed');
      expect(timeline.length).toBeGreaterThan(5);
      expect(timeline.map(({ ms }) => ms)).toEqual(timeline.map(({ ms }) => ms).sort((one, other) => one - other));
    });
  });

  test.concurrent('the doctor says what could not be looked at, and all that could', async () => {
    await inWorkshop([], async (workshop) => {
      const { ready, checks } = documentOf('doctor', await workshop.run(['doctor', '--json']));
      expect(ready).toBe(false);
      expect(checks.filter(({ saw }) => saw.startsWith('could not be looked at')).map(({ id }) => id)).toEqual(['packages']);
      expect(checks.find(({ id }) => id === 'node')).toMatchObject({ state: 'fine' });
    });
  });
});

describe('--junit', () => {
  test.concurrent('writes a report into a folder that it makes, and changes nothing else', async () => {
    await inWorkshop([], async (workshop) => {
      const result = await workshop.run(['check', '01', '--junit', 'out/more/report.xml']);
      expectWords(result, '✗ 1.1', '0 passed, 1 failed, 5 not run');
      expect(result).toMatchObject({ code: 1, stderr: '' });
      const xml = workshop.read('out/more/report.xml');
      expect(await junitErrors(xml)).toEqual([]);
      expect(xml).toContain('tests="6" failures="1" errors="0"');
      expect(xml).toContain('<failure message="The machines are not as this step needs them: no machine hosts a database" type="wrong stack">');
    });
  });

  test.concurrent('goes together with --json', async () => {
    await inWorkshop(['solution'], async (workshop) => {
      const result = await workshop.run(['check', '1.1', '--json', '--junit', workshop.path('report.xml')]);
      expect(documentOf('check', result).summary).toEqual({ passed: 1, failed: 0, notRun: 0, faults: 0 });
      expect(result).toMatchObject({ code: 0, stderr: '' });
      expect(await junitErrors(workshop.read('report.xml'))).toEqual([]);
    });
  });

  test.concurrent.each([
    ['below a file', 'package.json/report.xml'],
    ['where a folder is', 'steps'],
  ])('%s is refused before anything is judged', async (_what, file) => {
    await inWorkshop(['solution'], async (workshop) => {
      const result = await workshop.run(['check', '1.1', '--json', '--junit', file]);
      expect(result).toMatchObject({ code: 64, stdout: '' });
      expectWords(result, `The JUnit report cannot be written to ${file}:`);
      expect(existsSync(workshop.path('home/progress.json'))).toBe(false);
    });
  });
});

describe('with --json, bad usage exits with 64, a sentence and no document, for', () => {
  test.concurrent.each([
    ['an exercise that does not exist', ['check', '1.9', '--json'], 'There is no exercise "1.9"; did you mean "1.1"?'],
    ['a solution that is to be put in place', ['solution', '01', '--apply', '--json'], '--json is for what tells something: leave out --apply.'],
    ['a command that tells nothing', ['reset', '01', '--json'], /unknown option '--json'/i],
  ] satisfies [string, string[], string | RegExp][])('%s', async (_what, args, says) => {
    await inWorkshop([], async (workshop) => {
      const before = workshop.read(`${workshop.step}/stack.ts`);
      const result = await workshop.run(args);
      expect(result).toMatchObject({ code: 64, stdout: '' });
      expectWords(result, says);
      expect(workshop.read(`${workshop.step}/stack.ts`)).toBe(before);
    });
  });
});

describe('through npm', () => {
  test.concurrent.each([
    ['--json', ['check', '1.1', '--json']],
    ['-- --json', ['check', '1.1', '--', '--json']],
  ])('%s prints the document', async (_what, args) => {
    await inWorkshop(['solution'], async (workshop) => {
      const result = await workshop.run(args, { npm: true });
      expect(documentOf('check', result)).toMatchObject({ exercises: [{ number: '1.1', verdict: 'passed' }] });
      expect(result).toMatchObject({ code: 0, stderr: '' });
    });
  });

  test.concurrent('-- --json prints nothing but the document also when an exercise fails', async () => {
    await inWorkshop([], async (workshop) => {
      const result = await workshop.run(['check', '1.1', '--', '--json'], { npm: true });
      expect(documentOf('check', result).summary.failed).toBe(1);
      expect(result).toMatchObject({ code: 1, stderr: '' });
    });
  });

  test.concurrent('--json prints the document first when an exercise fails; what npm adds comes after it', async () => {
    await inWorkshop([], async (workshop) => {
      const result = await workshop.run(['check', '1.1', '--json'], { npm: true });
      const [document = ''] = /^\{\n[^]*?\n\}\n/.exec(result.stdout) ?? [];
      expect(documentOf('check', { ...result, stdout: document }).summary.failed).toBe(1);
      expect(result.code).toBe(1);
    });
  });

  test.concurrent.each([
    ['--junit=<file>', ['check', '1.1', '--junit=out/report.xml']],
    ['-- --junit <file>', ['check', '1.1', '--', '--junit', 'out/report.xml']],
  ])('%s writes the report', async (_what, args) => {
    await inWorkshop([], async (workshop) => {
      expect((await workshop.run(args, { npm: true })).code).toBe(1);
      expect(await junitErrors(workshop.read('out/report.xml'))).toEqual([]);
    });
  });
});

test.concurrent('a document larger than a pipe holds at once arrives whole', async () => {
  await inWorkshop([], async (workshop) => {
    const log = [{ machine: 'server', lines: Array.from({ length: 12 }, (_, line) => `${line} ${'long '.repeat(380)}`) }];
    const finding = { kind: 'wrong answer', did: 'Ada looked', saw: 'nothing', expected: 'a photo', why: 'She posted one.', log };
    const entry = { verdict: 'failed', version: 1, at: '2026-01-01T00:00:00.000Z', ms: 1, finding };
    const slugs = ['start-the-machine', 'upload-and-show', 'feed', 'likes', 'page', 'data-survives'];
    mkdirSync(workshop.home, { recursive: true });
    workshop.write('home/progress.json', JSON.stringify({ format: 1, steps: { '01-single-machine': Object.fromEntries(slugs.map((slug) => [slug, entry])) } }));
    const line = `'${process.execPath}' checker/bin/graminsta.mjs progress --json | { sleep 0.3; cat; }`;
    const text = execFileSync('sh', ['-c', line], { cwd: workshop.folder, env: { ...process.env, GRAMINSTA_HOME: workshop.home }, encoding: 'utf8' });
    expect(text.length).toBeGreaterThan(100_000);
    expect(JSON.parse(text)).toMatchObject({ document: 'graminsta.progress' });
  });
});
