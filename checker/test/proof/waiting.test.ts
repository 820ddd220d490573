// Sections whose time is judged wait for each other, also for those of other commands. A wrong solution once passed after
// its check had waited: what it was to be caught with had come to its end meanwhile.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { Courtroom } from '../../src/run/courtroom.ts';
import { pause, Ports } from '../../src/runtime/index.ts';
import { explain, mutantsOf, Proof, stepsUnderProof } from './proof.ts';

let room: Courtroom;
let others: Ports;

beforeAll(async () => {
  room = await Courtroom.open();
  others = await Ports.claim();
});
afterAll(async () => {
  await room.close();
  await others.release();
});

test('2.5 rejects shuts-for-a-minute, also when another command is timed at first', async () => {
  const under = (await stepsUnderProof()).find(({ step }) => step.number === 2)!;
  const exercise = under.step.exercises.find(({ slug }) => slug === 'silent-database')!;
  const { overlay } = mutantsOf(under).find(({ mutant }) => mutant === 'shuts-for-a-minute')!;
  const proof = new Proof(room);
  const subject = await proof.solution(under, overlay);
  // Longer than the pool keeps a connection that is idle.
  const another = others.alone(() => pause(3_500));
  const outcome = await proof.judge(under, subject, exercise, 'silent-database/shuts-for-a-minute, after a wait');
  await another;
  expect(outcome.verdict, explain(outcome)).toBe('failed');
});
