// Whether a history keeps the promise is judged without a server: right ones that chance makes up, and such with one fault.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { violationOf, type Operation, type Read, type Write } from '../../src/check/history.ts';
import { storyOf } from '../../src/check/history-story.ts';
import { endOf, othersWithinMs, rightHistory } from './histories.ts';

const within = { othersWithinMs };

/** A photo that nobody else touches, and two people: what each of them does, one after the other. */
class Scene {
  readonly operations: Operation[] = [];
  #now: number;

  constructor(startedAt: number) {
    this.#now = startedAt;
    this.write('Dora', 'post').write('Eve', 'like');
  }

  passes(ms: number): this {
    this.#now += ms;
    return this;
  }

  write(who: string, kind: Write['kind'], more: Partial<Write> = {}): this {
    return this.#add({ kind, photo: 'quiet', outcome: 'acknowledged', ...this.#happens(who), ...more });
  }

  /** Looks at the photo, and sees so many likes; undefined is no photo. */
  read(who: string, likes: number | undefined, more: Partial<Read> = {}): this {
    return this.#add({ kind: 'read', looked: { photo: 'quiet' }, shown: likes === undefined ? {} : { quiet: likes }, whole: false, ...this.#happens(who), ...more });
  }

  #happens(who: string): Pick<Read, 'who' | 'session' | 'machine' | 'startedAt' | 'endedAt'> {
    this.#now += 30;
    return { who, session: who, machine: who === 'Dora' ? 'api-1' : 'api-2', startedAt: this.#now - 20, endedAt: this.#now };
  }

  #add(operation: Operation): this {
    this.operations.push(operation);
    return this;
  }
}

const faults: Record<string, { promise: string; happens: (scene: Scene) => Scene }> = {
  'an own like that is not seen': { promise: 'own', happens: (scene) => scene.read('Dora', 1).write('Dora', 'like').read('Dora', 1) },
  'an own like taken back that is still seen': { promise: 'own', happens: (scene) => scene.write('Eve', 'unlike').read('Eve', 1) },
  'an own photo that is not seen': { promise: 'own', happens: (scene) => scene.read('Dora', undefined) },
  'an own photo that was deleted and is seen': { promise: 'own', happens: (scene) => scene.write('Dora', 'delete').read('Dora', 1) },
  'a read from an older state': { promise: 'back', happens: (scene) => scene.write('Dora', 'like').read('Fay', 2).read('Fay', 1) },
  'a like that comes back': { promise: 'back', happens: (scene) => scene.read('Fay', 1).write('Eve', 'unlike').read('Fay', 0).read('Fay', 1) },
  'a photo that appears and is gone': { promise: 'back', happens: (scene) => scene.read('Fay', 1).read('Fay', undefined) },
  'a deleted photo that is back': { promise: 'back', happens: (scene) => scene.read('Fay', 1).write('Dora', 'delete').read('Fay', undefined).read('Fay', 1) },
  'a like that never arrives': { promise: 'late', happens: (scene) => scene.write('Dora', 'like').passes(othersWithinMs).read('Fay', 1) },
  'a like taken back that never arrives': { promise: 'late', happens: (scene) => scene.write('Eve', 'unlike').passes(othersWithinMs).read('Fay', 1) },
  'a photo that never arrives': { promise: 'late', happens: (scene) => scene.passes(othersWithinMs).read('Fay', undefined) },
  'a deletion that never arrives': { promise: 'late', happens: (scene) => scene.write('Dora', 'delete').passes(othersWithinMs).read('Fay', 1) },
  'more likes than were ever given': { promise: 'impossible', happens: (scene) => scene.read('Fay', 3) },
};

describe('the promise', () => {
  test('is kept by whatever a right app can have answered', () => {
    fc.assert(
      fc.property(rightHistory, (history) => {
        expect(violationOf(history, within)).toBeUndefined();
      }),
      { numRuns: 1_000 },
    );
  });

  test.each(Object.entries(faults))('is broken by %s, whatever happens beside it', (_, { promise, happens }) => {
    const alsoBroken = (history: Operation[]): void => {
      const { operations } = happens(new Scene(endOf(history)));
      const violation = violationOf([...history, ...operations], within);
      expect(violation?.promise).toBe(promise);
      expect(violation?.read).toBe(operations.at(-1));
    };
    fc.assert(fc.property(rightHistory, alsoBroken), { numRuns: 60 });
  });

  test('is judged the same in whatever order things were noted', () => {
    const { operations } = faults['a read from an older state']!.happens(new Scene(0));
    fc.assert(
      fc.property(fc.shuffledSubarray(operations, { minLength: operations.length }), (shuffled) => {
        expect(violationOf(shuffled, within)).toEqual(violationOf(operations, within));
      }),
    );
  });

  test.each<[string, (scene: Scene) => Scene]>([
    ['a like that may still be under way', (scene) => scene.write('Dora', 'like', { outcome: 'unknown' }).read('Fay', 2).read('Gil', 1).passes(5_000).read('Gil', 2)],
    ['a like that was taken back before the read', (scene) => scene.write('Dora', 'like').write('Dora', 'unlike').read('Dora', 1)],
    ['a refused like that is not there', (scene) => scene.write('Dora', 'like', { outcome: 'refused' }).passes(5_000).read('Dora', 1)],
    ['an older state for somebody else', (scene) => scene.write('Dora', 'like').read('Fay', 2).read('Gil', 1)],
    ['an older state on another device', (scene) => scene.write('Dora', 'like').read('Dora', 1, { session: 'her laptop' })],
    ['a photo that fell off a full page', (scene) => scene.read('Dora', undefined, { looked: 'feed' })],
    ['a deletion whose answer never came', (scene) => scene.read('Fay', 1).write('Dora', 'delete', { outcome: 'unknown' }).read('Fay', undefined)],
    ['what others may see later because of a lag', (scene) => scene.write('Dora', 'like').passes(othersWithinMs + 100).read('Fay', 1)],
  ])('is not broken by %s', (_, happens) => {
    expect(violationOf(happens(new Scene(0)).operations, { othersWithinMs, lagMs: 1_000 })).toBeUndefined();
  });

  test('is broken where a page shows an older photo in the place of a newer one', () => {
    const scene = new Scene(0).write('Dora', 'post', { photo: 'newer' }).read('Dora', 1, { looked: 'feed' });
    expect(violationOf(scene.operations, within)).toMatchObject({ promise: 'own', photo: 'newer' });
  });

  test('is broken where a later page leaves out what stands between its ends, and not by what is above or below', () => {
    const scene = new Scene(0).write('Dora', 'post', { photo: 'newer' }).write('Dora', 'post', { photo: 'newest' });
    const turns = (behind: string, shown: Read['shown'], whole = false): unknown => violationOf([...scene.operations, ...new Scene(500).read('Dora', 1, { looked: { behind }, shown, whole }).operations.slice(-1)], within);
    expect(turns('newest', { quiet: 1 })).toMatchObject({ promise: 'own', photo: 'newer', saw: 'a feed without the photo' });
    expect(turns('newest', {}, true)).toMatchObject({ promise: 'own' });
    expect(turns('newest', { newer: 0, quiet: 1 })).toBeUndefined();
    expect(turns('newest', { newer: 0 })).toBeUndefined();
    expect(turns('newer', { quiet: 1 }, true)).toBeUndefined();
    expect(turns('unheard of', {}, true)).toBeUndefined();
    expect(turns('newest', { newer: 1, quiet: 1 })).toMatchObject({ promise: 'impossible', photo: 'newer' });
  });

  test('is followed through likes that come and go at the same time', () => {
    // Two of three take their like back while somebody reads twice: 3, 2 and 1 are right, but never 2 after 1.
    const scene = new Scene(0).write('Dora', 'like').write('Gil', 'like').passes(othersWithinMs);
    const now = endOf(scene.operations) + othersWithinMs;
    const underWay = { startedAt: now, endedAt: now + 1_000 };
    scene.write('Dora', 'unlike', underWay).write('Gil', 'unlike', underWay).read('Fay', 2).read('Fay', 1);
    expect(violationOf(scene.operations, within)).toBeUndefined();
    expect(violationOf(scene.read('Fay', 2).operations, within)).toMatchObject({ promise: 'back', saw: '2 likes', expected: '1 like' });
  });

  test('is told as a story when it was broken', () => {
    const { operations } = new Scene(0).write('Dora', 'post', { caption: 'Light' }).write('Dora', 'like').read('Dora', 1, { looked: 'feed', machine: 'api-3' });
    const noon = new Date(2026, 10, 24, 12).getTime();
    const named = operations.map((operation) => (operation.kind === 'post' ? { ...operation, caption: 'Light' } : operation));
    expect(storyOf(violationOf(named, within)!, named, noon)).toEqual({
      kind: 'wrong answer',
      did: 'Dora liked "Light" (12:00:00.120 api-1 acknowledged it); then Dora opened the feed at api-3 at 12:00:00.130',
      saw: '12:00:00.150 api-3 answered 1 like, 30 ms after that was acknowledged',
      expected: '2 likes: Dora sees an own change at once, on every machine',
      why: 'Whoever changes something and does not see it takes it for lost, and does it again.',
      machine: 'api-3',
    });
  });
});
