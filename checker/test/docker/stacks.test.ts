// The same verdicts in three ways: machines that are processes, services in containers beside them, and all on Docker. A sample
// with the accidents that each way brings about by other means; GRAMINSTA_PROOF=whole takes all exercises and traps.

import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { notOnDocker } from '../../src/compose/not-on-docker.ts';
import { containers } from '../../src/compose/hosting.ts';
import { Courtroom } from '../../src/run/courtroom.ts';
import { repository } from '../../src/run/repository.ts';
import { requireEngine } from '../../src/runtime/containers/engine.ts';
import { explain, Proof, stepsUnderProof, type StepUnderProof } from '../proof/proof.ts';
import { traps } from '../proof/traps.ts';

interface Sample {
  /** Exercises that the solution passes. */
  exercises: string[];
  /** Mutants by exercise; each fails there. */
  mutants: Record<string, string[]>;
}

const samples: Record<string, Sample> = {
  // A paused database, and one that is killed.
  '01': { exercises: ['start-the-machine', 'feed'], mutants: { 'start-the-machine': ['readiness-is-constant'] } },
  // Machines that are killed, and start in any order.
  '02': { exercises: ['database-restart', 'any-order'], mutants: { 'database-restart': ['refused-is-a-500'] } },
  // Machines that are replaced.
  '03': { exercises: ['two-jobs', 'deploy-alone'], mutants: { 'deploy-alone': ['forgets-the-origin'] } },
  '04': { exercises: ['no-memory', 'who-is-asking', 'stream'], mutants: { 'no-memory': ['token-is-cached'] } },
  // Wires that are cut and counted.
  '05': { exercises: ['edge', 'absorb'], mutants: { edge: ['no-vary'] } },
  // A standby and a Redis.
  '06': { exercises: ['cache-the-feed', 'replica'], mutants: { replica: ['reads-on-primary'] } },
};

const everything = process.env['GRAMINSTA_PROOF'] === 'whole';
const steps = await stepsUnderProof();

function sampleOf({ name, step }: StepUnderProof): Sample {
  if (!everything) return samples[name.slice(0, 2)] ?? { exercises: [], mutants: {} };
  const slugs = step.exercises.map(({ slug }) => slug);
  return { exercises: slugs, mutants: Object.fromEntries(slugs.map((slug) => [slug, traps[slug] ?? []])) };
}

test('what is not judged on Docker is there, and has a reason', () => {
  const slugs = steps.flatMap(({ step }) => step.exercises.map(({ slug }) => slug));
  expect(slugs).toEqual(expect.arrayContaining(Object.keys(notOnDocker)));
  expect(Object.values(notOnDocker).every((reason) => reason.endsWith('.'))).toBe(true);
});

const ways = [
  { way: 'processes' },
  { way: 'services in containers', services: 'containers' },
  { way: 'all on Docker', hosting: containers },
];

describe.each(ways)('$way', ({ services, hosting }) => {
  let room: Courtroom;
  let proof: Proof;
  const isJudged = (slug: string): boolean => hosting === undefined || notOnDocker[slug] === undefined;

  beforeAll(async () => {
    await requireEngine();
    vi.stubEnv('GRAMINSTA_SERVICES', services ?? 'programs');
    room = await Courtroom.open({ hosting });
    proof = new Proof(room);
  });
  afterEach(() => vi.stubEnv('GRAMINSTA_SERVICES', services ?? 'programs'));
  afterAll(async () => {
    await room.close();
    vi.unstubAllEnvs();
  });

  test.each(steps)('$name: the start fails, the solution passes, and mutants fail', async (under) => {
    const { exercises, mutants } = sampleOf(under);
    const exerciseOf = (slug: string) => under.step.exercises.find((exercise) => exercise.slug === slug)!;

    const start = await proof.judge(under, await proof.subject(under, []), under.step.exercises[0]!, 'start');
    expect(start.verdict, explain(start)).toBe('failed');

    const solution = await proof.solution(under);
    for (const slug of exercises) {
      const outcome = await proof.judge(under, solution, exerciseOf(slug), 'solution');
      expect(outcome.verdict, `${slug}: ${explain(outcome)}`).toBe(isJudged(slug) ? 'passed' : 'not run');
    }

    for (const [slug, names] of Object.entries(mutants).filter(([slug]) => isJudged(slug))) {
      for (const name of names) {
        const overlay = path.join(repository, 'checker/test/mutants', under.name.slice(0, 2), slug, name);
        const outcome = await proof.judge(under, await proof.solution(under, overlay), exerciseOf(slug), `${slug}/${name}`);
        expect(outcome.verdict, `${slug}/${name}: ${explain(outcome)}`).toBe('failed');
      }
    }
  }, everything ? 1_800_000 : 300_000);
});
