// `npm test`: runs every stage of the project's own tests. The last line is `N passed, N failed`.
//
//   npm test              all stages; some 45 minutes on 2 cores, most of them for the proof
//   npm run test:quick    type check, lint and unit tests; under 45 s

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pc from 'picocolors';
import { endCommandsWithThisProcess, isColoured } from './all/command.ts';
import { runStage, type StageResult } from './all/run-stage.ts';
import { allRounds, quickRounds, type Lane, type Round, type Stage } from './all/stages.ts';

const colour = pc.createColors(isColoured);
const reports = mkdtempSync(join(tmpdir(), 'graminsta-test-'));
process.on('exit', () => rmSync(reports, { recursive: true, force: true }));
endCommandsWithThisProcess();

const startedAt = performance.now();
const rounds = process.argv.includes('--quick') ? quickRounds() : allRounds();
const results: StageResult[] = [];
for (const round of rounds) results.push(...(await runRound(round)));
summarise(results);

async function runRound(round: Round): Promise<StageResult[]> {
  const lanes = await Promise.all(round.map((lane) => runLane(lane, round.length === 1)));
  return lanes.flat();
}

async function runLane(lane: Lane, isAlone: boolean): Promise<StageResult[]> {
  const done: StageResult[] = [];
  for (const stage of lane) done.push(await runAndTell(stage, isAlone));
  return done;
}

/** A stage that runs alone shows its output as it comes; one that runs beside others only when it failed, in one piece. */
async function runAndTell(stage: Stage, isAlone: boolean): Promise<StageResult> {
  console.log(colour.dim(`… ${stage.name}`));
  let kept = '';
  const result = await runStage(stage, reports, (text) => {
    if (isAlone && stage.project) process.stdout.write(text);
    else kept += text;
  });
  if (result.failed > 0) process.stdout.write(kept);
  console.log(describe(result));
  return result;
}

function summarise(all: StageResult[]): void {
  const passed = all.reduce((sum, result) => sum + result.passed, 0);
  const failed = all.reduce((sum, result) => sum + result.failed, 0);
  console.log(`\n${all.map(describe).join('\n')}\n\nThe whole took ${seconds(performance.now() - startedAt)}.`);
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
}

function describe({ stage, passed, failed, tookMs, note, notRun }: StageResult): string {
  const sign = notRun ? colour.yellow('- not run') : failed > 0 ? colour.red('✗ failed') : colour.green('✓ passed');
  const counts = stage.project ? `${passed} passed, ${failed} failed` : '';
  const details = [counts, note].filter(Boolean).join(' · ');
  return `${sign}  ${stage.name.padEnd(16)} ${seconds(tookMs).padStart(8)}  ${details}`.trimEnd();
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
