// What people call a step or an exercise.

import { beforeAll, describe, expect, test, vi } from 'vitest';
import { build } from '../../bin/build.mjs';
import { allSteps, findTarget, UsageError } from '../../src/run/steps.ts';

beforeAll(async () => {
  vi.stubEnv('GRAMINSTA_BUILD', await build());
});

const available = async (): Promise<string> => (await allSteps()).map(({ name }) => name).join(', ');

describe('a step', () => {
  test.each(['2', '02', '02-split-db', 'split-db', 'step-2'])('is found as %s', async (word) => {
    const target = await findTarget(word);
    expect([target.name, target.exercise]).toEqual(['02-split-db', undefined]);
    expect(target.folder).toMatch(/\/steps\/02-split-db$/);
  });

  test('is in its place among the others, each with its number', async () => {
    const steps = await allSteps();
    expect(steps.map(({ step }) => step.number)).toEqual(steps.map((_, index) => index + 1));
    for (const { name, step } of steps) expect(name).toMatch(new RegExp(`^0${step.number}-`));
  });
});

describe('an exercise', () => {
  test.each(['2.3', '02.3', 'share-a-pool'])('is found as %s', async (word) => {
    const { name, exercise } = await findTarget(word);
    expect([name, exercise?.number, exercise?.slug]).toEqual(['02-split-db', '2.3', 'share-a-pool']);
  });

  test('has a slug that no other has', async () => {
    const slugs = (await allSteps()).flatMap(({ step }) => step.exercises.map(({ slug }) => slug));
    expect(new Set(slugs).size).toBe(slugs.length);
  });
});

describe('what is not there', () => {
  test.each([
    ['02-splitdb', '; did you mean "02-split-db"?'],
    ['share-a-poll', '; did you mean "share-a-pool"?'],
    ['SHARE-A-POOL', '.'],
    ['marmalade', '.'],
    ['9', '.'],
    ['', '.'],
  ])('is told, with what was probably meant: %s', async (word, suggestion) => {
    await expect(findTarget(word)).rejects.toThrow(
      new UsageError(`There is no step or exercise "${word}"${suggestion} Steps are ${await available()}.`),
    );
  });

  test('is an exercise when it has the number of one', async () => {
    await expect(findTarget('2.9')).rejects.toThrow(/^There is no exercise "2\.9"; did you mean "2\.\d"\? Step 2 has 2\.1 to 2\.7\.$/);
    await expect(findTarget('0')).rejects.toThrow(UsageError);
  });
});
