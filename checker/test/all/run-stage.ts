// Runs one stage and counts what passed and failed in it.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonTestResults } from 'vitest/reporters';
import { run, type CommandEnd } from './command.ts';
import type { Stage } from './stages.ts';

export interface StageResult {
  stage: Stage;
  passed: number;
  failed: number;
  tookMs: number;
  /** It cannot be run on this computer: it proves nothing here, and is told as such. */
  notRun?: true;
  /** What there is to say beside the counts; empty when there is nothing. */
  note: string;
}

/**
 * `onOutput` gets the stage's output as it comes; Vitest's results go into a file in `reports`.
 * Never throws: a stage that cannot run has failed.
 */
export async function runStage(stage: Stage, reports: string, onOutput: (text: string) => void): Promise<StageResult> {
  const startedAt = performance.now();
  const counts = await count(stage, reports, onOutput).catch((error: unknown) => failure(`did not run: ${String(error)}`));
  return { stage, ...counts, tookMs: performance.now() - startedAt };
}

type Counts = Pick<StageResult, 'passed' | 'failed' | 'note' | 'notRun'>;

async function count(stage: Stage, reports: string, onOutput: (text: string) => void): Promise<Counts> {
  const before = stage.before?.();
  if (before && 'missing' in before) return failure(before.missing);
  if (before && 'notRun' in before) return { passed: 0, failed: 0, note: before.notRun, notRun: true };
  if (before) return { passed: 0, failed: 0, note: before.notNeeded };

  const report = join(reports, `${stage.project}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  let output = '';
  const end = await run({
    line: stage.project ? [...stage.line, ...reporters] : stage.line,
    limitMs: stage.limitMs,
    onOutput: (text) => {
      output += text;
      onOutput(text);
    },
  });
  return stage.project ? countTests(stage, end, report) : countOne(stage, end, output);
}

function countOne(stage: Stage, end: CommandEnd, output: string): Counts {
  if (!endedWell(end)) return failure(describe(end, stage));
  const found = stage.failsOn?.exec(output);
  if (found) return failure(`its output says "${found[0]}"`);
  return { passed: stage.preparation ? 0 : 1, failed: 0, note: '' };
}

function countTests(stage: Stage, end: CommandEnd, report: string): Counts {
  if (!existsSync(report)) return failure(`no test results: ${describe(end, stage)}`);
  const counts = countReport(JSON.parse(readFileSync(report, 'utf8')) as JsonTestResults);
  if (counts.failed > 0) return counts;
  if (counts.passed === 0) return failure('no test ran: a stage that proves nothing fails');
  // Vitest also fails for what belongs to no test, such as an unhandled rejection.
  return endedWell(end) ? counts : { ...counts, failed: 1, note: describe(end, stage) };
}

/** What is read of a report. */
interface Report {
  testResults: { status: string; assertionResults: { status: string }[] }[];
}

/** Counts each test, and each file that failed without a test of its own failing, such as at an import. */
export function countReport({ testResults }: Report): Counts {
  const tests = testResults.flatMap((file) => file.assertionResults);
  const number = (status: string) => tests.filter((test) => test.status === status).length;
  const brokenFiles = testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  ).length;
  const passed = number('passed');
  const failed = number('failed') + brokenFiles;
  const skipped = tests.length - passed - number('failed');
  return { passed, failed, note: skipped > 0 ? `${skipped} skipped` : '' };
}

function failure(note: string): Counts {
  return { passed: 0, failed: 1, note };
}

function endedWell(end: CommandEnd): boolean {
  return end.kind === 'exited' && end.code === 0;
}

function describe(end: CommandEnd, stage: Stage): string {
  if (end.kind === 'exited') return `exit code ${end.code}`;
  if (end.kind === 'killed') return `ended by ${end.signal}`;
  return `not done after ${stage.limitMs / 1000} s, so it was ended`;
}
