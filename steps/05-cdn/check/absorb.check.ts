import { exercise } from 'checker/check';
import { allAreTold, eachGetsTheirOwn, oneAsksForAll, theFirstLeaves } from './absorb-crowd.ts';
import { bearsManyAddresses, cacheBytes, holdsItsMemory } from './absorb-memory.ts';
import { sceneAt, startEdges } from './edge-scene.ts';
import { StubOrigin } from './stub-origin.ts';

export default exercise(async (scene) => {
  const origin = new StubOrigin();
  const t0=performance.now(); const app = await startEdges(scene, origin, { CACHE_BYTES: String(cacheBytes) }); console.log('start', performance.now()-t0);
  const [us, eu, ap] = [sceneAt(app, origin, 'us'), sceneAt(app, origin, 'eu'), sceneAt(app, origin, 'ap')];
  await Promise.all([T('oneAsksForAll', () => oneAsksForAll(us)), T('oneAsksForAll', () => oneAsksForAll(eu)), T('oneAsksForAll', () => oneAsksForAll(ap))]);
  // What some programs wait for takes them a while; meanwhile another edge is looked at.
  await Promise.all([
    inTurn(() => T('theFirstLeaves', () => theFirstLeaves(us, 'before the answer began')), () => T('theFirstLeaves', () => theFirstLeaves(us, 'in the middle of the answer'))),
    inTurn(() => T('allAreTold', () => allAreTold(eu, 'answered with 503')), () => T('allAreTold', () => allAreTold(eu, 'closed the connection'))),
    inTurn(() => T('eachGetsTheirOwn', () => eachGetsTheirOwn(ap, 'private')), () => T('eachGetsTheirOwn', () => eachGetsTheirOwn(ap, 'token')), () => T('eachGetsTheirOwn', () => eachGetsTheirOwn(ap, 'language'))),
  ]);
  await T('holdsItsMemory', () => holdsItsMemory(us));
  await T('bearsManyAddresses', () => bearsManyAddresses(us));
});

async function inTurn(...parts: readonly (() => Promise<void>)[]): Promise<void> {
  for (const part of parts) await part();
}

async function T(n: string, f: () => Promise<void>): Promise<void> { const t = performance.now(); try { await f(); } finally { console.log(n, Math.round(performance.now() - t)); } }
