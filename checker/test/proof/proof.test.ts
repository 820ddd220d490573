// The proof that the checks are right: right solutions pass, wrong ones fail, each at the exercise it is wrong at.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Courtroom } from '../../src/run/courtroom.ts';
import { standsOn } from '../../src/stack/step.ts';
import { contract } from './contract.ts';
import { alternativesOf, complaintAboutStart, explain, mutantsOf, Proof, stepsUnderProof, table } from './proof.ts';
import { alone, alternativesToTheCrowd, everyMutant, onlyInTheWhole, slow, traps } from './traps.ts';

/** For what has to pass. */
let room: Courtroom;
let proof: Proof;
/** For what has to fail: there are many, and where each waits for a time-out they may wait together. */
let hall: Courtroom;
let disproof: Proof;

beforeAll(async () => {
  room = await Courtroom.open();
  hall = await Courtroom.open({ timedAlone: false });
  proof = new Proof(room);
  disproof = new Proof(hall);
});
afterAll(async () => {
  await room.close();
  await hall.close();
  console.log(`\n${table()}\n`);
});

for (const under of await stepsUnderProof()) {
  const { step } = under;
  const first = step.exercises[0]!;

  const suite = alone.includes(under.name) ? describe : describe.concurrent;

  suite(`step ${under.name}`, () => {
    test('the start state fails', async () => {
      const outcome = await proof.judge(under, await proof.subject(under, []), first, 'start');
      expect(complaintAboutStart(under, outcome), explain(outcome)).toBeUndefined();
    });

    test('a start state that is secretly solved would be noticed', async () => {
      const outcome = await proof.judge(under, await proof.solution(under), first, 'start, secretly solved');
      expect(complaintAboutStart(under, outcome)).toContain('passed');
    });

    test('the solution passes every exercise', async () => {
      for (const [slug, outcome] of await proof.judgeAll(under, await proof.solution(under), 'solution')) {
        expect(outcome.verdict, `${slug}: ${explain(outcome)}`).toBe('passed');
      }
    });

    test('the solution keeps the contract', async () => {
      const outcome = await proof.judge(under, await proof.solution(under), first, 'solution', contract);
      expect(outcome.verdict, explain(outcome)).toBe('passed');
    });

    // Step 1's exercises complete the app; from step 2 on, every start keeps the contract too.
    if (step.number > 1) {
      test('the start state keeps the contract', async () => {
        const outcome = await room.judge({ step, stepFolder: await proof.subject(under, []) }, first, contract, { asItIs: true });
        expect(outcome.verdict, explain(outcome)).toBe('passed');
      });
    }

    for (const exercise of step.exercises) {
      const mutants = mutantsOf(under).filter(({ slug }) => slug === exercise.slug);

      test(`${exercise.number} has at least two mutants, and one where it alone is undone`, () => {
        expect(mutants.length).toBeGreaterThanOrEqual(3);
        expect(mutants.map(({ mutant }) => mutant)).toContain('undone');
      });

      const judged = mutants.filter(({ mutant }) => mutant !== 'undone' && (everyMutant || traps[exercise.slug]?.includes(mutant)));
      test(`${exercise.number} has the mutants of its traps`, () => {
        expect(mutants.map(({ mutant }) => mutant)).toEqual(expect.arrayContaining(traps[exercise.slug] ?? ['none are named']));
      });

      for (const { mutant, overlay } of judged) {
        test(`${exercise.number} rejects ${mutant}`, async () => {
          const outcome = await disproof.judge(under, await disproof.solution(under, overlay), exercise, `${exercise.slug}/${mutant}`);
          expect(outcome.verdict, explain(outcome)).toBe('failed');
        });
      }

      const undone = mutants.find(({ mutant }) => mutant === 'undone');
      if (!undone) continue;
      test(`with ${exercise.number} undone, that exercise fails, and of the others only those that build on it`, async () => {
        const subject = await proof.solution(under, undone.overlay);
        const others = step.exercises.filter((candidate) => !standsOn(step, candidate, exercise.slug));
        for (const other of others.filter((candidate) => candidate === exercise || everyMutant || !slow.includes(candidate.slug))) {
          const outcome = await proof.judge(under, subject, other, `${exercise.slug}/undone`);
          expect(outcome.verdict, `${other.number}: ${explain(outcome)}`).toBe(other === exercise ? 'failed' : 'passed');
        }
      });
    }

    for (const { alternative, overlay } of alternativesOf(under)) {
      test(`the alternative ${alternative} passes every exercise`, async () => {
        const skipped = everyMutant ? [] : [...(alternativesToTheCrowd.includes(alternative) ? [] : slow), ...(onlyInTheWhole[alternative] ?? [])];
        for (const [slug, outcome] of await proof.judgeAll(under, await proof.solution(under, overlay), `alternative ${alternative}`, skipped)) {
          expect(outcome.verdict, `${slug}: ${explain(outcome)}`).toBe('passed');
        }
      });
    }
  });
}

test('there are at least four alternatives in all', async () => {
  const counts = (await stepsUnderProof()).map((under) => alternativesOf(under).length);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(4);
});
