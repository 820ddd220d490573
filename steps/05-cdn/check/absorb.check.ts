import { exercise } from 'checker/check';
import { allAreTold, eachGetsTheirOwn, oneAsksForAll, theFirstLeaves } from './absorb-crowd.ts';
import { bearsManyAddresses, cacheBytes, holdsItsMemory } from './absorb-memory.ts';
import { sceneAt, startEdges } from './edge-scene.ts';
import { StubOrigin } from './stub-origin.ts';

export default exercise(async (scene) => {
  const origin = new StubOrigin();
  const app = await startEdges(scene, origin, { CACHE_BYTES: String(cacheBytes) });
  const [us, eu, ap] = [sceneAt(app, origin, 'us'), sceneAt(app, origin, 'eu'), sceneAt(app, origin, 'ap')];
  await Promise.all([us, eu, ap].map(oneAsksForAll));
  // What some programs wait for takes them a while; meanwhile another edge is looked at.
  await Promise.all([
    inTurn(() => theFirstLeaves(us, 'before the answer began'), () => theFirstLeaves(us, 'in the middle of the answer'), () => bearsManyAddresses(us)),
    inTurn(() => allAreTold(eu, 'answered with 503'), () => allAreTold(eu, 'closed the connection')),
    inTurn(() => eachGetsTheirOwn(ap, 'private'), () => eachGetsTheirOwn(ap, 'token'), () => eachGetsTheirOwn(ap, 'language')),
  ]);
  await holdsItsMemory(us);
});

async function inTurn(...parts: readonly (() => Promise<void>)[]): Promise<void> {
  for (const part of parts) await part();
}
