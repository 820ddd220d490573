// The model behind the sketch of the page "Beyond": what it is there to show.

import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { afterStep6, assumptions, costsOf, fullest, loadsOf, type Sketch } from '../../../docs/src/components/beyond/model.ts';

/** How full each kind of machine is, in percent. */
function use(changes: Partial<Sketch>): Record<string, number> {
  return Object.fromEntries(loadsOf({ ...afterStep6, ...changes }).map((load) => [load.name, Math.round(load.use * 100)]));
}

const manyWriters = { writes: 1_000 };
const manyReaders = { reads: 40_000, apis: 45 };
const manyRows = { millionRows: 1_000, writes: 150 };

test('after step 6 nothing gives in', () => {
  expect(fullest(loadsOf(afterStep6)).use).toBeLessThan(0.8);
});

test('replicas do not help against writes, and shards do', () => {
  expect(use(manyWriters)['primary']).toBeGreaterThan(100);
  expect(use({ ...manyWriters, replicas: 5 })['primary']).toBe(use(manyWriters)['primary']);
  expect(use({ ...manyWriters, shards: 2 })['primary']).toBe(use(manyWriters)['primary']! / 2);
});

test('a cache helps against readers more than five replicas do', () => {
  expect(Math.max(...Object.values(use(manyReaders)))).toBeLessThan(100);
  expect(use({ ...manyReaders, cache: false, replicas: 5 })['replica']).toBeGreaterThan(100);
});

test('partitions help against rows without another machine', () => {
  const machines = (changes: Partial<Sketch>): number => loadsOf({ ...afterStep6, ...changes }).reduce((sum, { count }) => sum + count, 0);
  expect(use(manyRows)['primary']).toBeGreaterThan(100);
  expect(use({ ...manyRows, partitions: true })['primary']).toBeLessThan(50);
  expect(machines({ ...manyRows, partitions: true })).toBe(machines(manyRows));
});

test('a queue takes slow work off the API, and its workers never give in', () => {
  expect(use({ ...manyWriters, queue: true })['API']).toBeLessThan(use(manyWriters)['API']!);
  for (const writes of [1, 50, 777, 10_000]) expect(use({ writes, queue: true })['worker']).toBeLessThanOrEqual(80);
});

test('shards are little help for reads that ask all of them', () => {
  const reads = { reads: 40_000, apis: 45, cache: false, replicas: 0, writes: 1 };
  expect(use({ ...reads, shards: 16 })['primary']).toBeGreaterThan(use(reads)['primary']! / 5);
});

test('each formula gives the number beside it', () => {
  for (const changes of [{}, manyWriters, manyReaders, manyRows, { ...manyRows, shards: 4, queue: true }]) {
    for (const { formula, use: expected } of loadsOf({ ...afterStep6, ...changes })) {
      const arithmetic = formula.replace(/ (reads|writes|photos|for rows on disk)/g, '').replaceAll(',', '').replaceAll('×', '*').replaceAll('÷', '/');
      expect(arithmetic).toMatch(/^[\d\s.()+*/]+$/);
      expect(Number(runInNewContext(arithmetic))).toBeCloseTo(expected, 1);
    }
  }
});

test('every number of the model is stated, and all that is switched on has its price', () => {
  const text = assumptions.join(' ');
  for (const stated of ['1,000', '2,500', '50,000', '20 requests', '95 of 100', '10 of 100', '20 of 100', '100 million', '5 times']) expect(text).toContain(stated);
  expect(costsOf({ ...afterStep6, cache: false, replicas: 0 })).toEqual([]);
  expect(costsOf({ ...afterStep6, shards: 2, partitions: true, queue: true })).toHaveLength(5);
});
