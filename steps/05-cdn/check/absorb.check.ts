import { exercise } from 'checker/check';
import { allAreTold, eachGetsTheirOwn, oneAsksForAll, oneEachForSeveral, theFirstLeaves } from './absorb-crowd.ts';
import { bearsManyAddresses, cacheBytes, holdsItsMemory } from './absorb-memory.ts';
import { sceneAt, startEdges, type EdgeScene } from './edge-scene.ts';
import { StubOrigin } from './stub-origin.ts';

export default exercise(async (scene) => {
  const origin = new StubOrigin();
  const app = await startEdges(scene, origin, { CACHE_BYTES: String(cacheBytes) });
  const [us, eu, ap] = [sceneAt(app, origin, 'us'), sceneAt(app, origin, 'eu'), sceneAt(app, origin, 'ap')];
  // One crowd after the other: they are all in this process, and six hundred at once would be late.
  for (const one of [us, eu, ap]) await oneAsksForAll(one);
  // What some programs wait for takes them a while; meanwhile another edge is looked at.
  await Promise.all([
    muchGoesThrough(us),
    inTurn(() => allAreTold(eu, 'answered with 503'), () => allAreTold(eu, 'closed the connection')),
    inTurn(() => eachGetsTheirOwn(ap, 'private'), () => eachGetsTheirOwn(ap, 'token'), () => eachGetsTheirOwn(ap, 'language')),
  ]);
});

async function muchGoesThrough(scene: EdgeScene): Promise<void> {
  await oneEachForSeveral(scene);
  await bearsManyAddresses(scene);
  const holdsNoMore = await holdsItsMemory(scene);
  await theFirstLeaves(scene, 'before the answer began');
  await theFirstLeaves(scene, 'in the middle of the answer');
  await holdsNoMore();
}

async function inTurn(...parts: readonly (() => Promise<void>)[]): Promise<void> {
  for (const part of parts) await part();
}
