import { randomBytes } from 'node:crypto';
import { exercise, requireThat } from 'checker/check';
import { requireKept, sceneAt, startEdges, type EdgeScene } from './edge-scene.ts';
import { answersConditions, answersForTheHead, answersRanges } from './edge-forms.ts';
import { asksEachTime, countsTheAgeItCameWith, keepsWhatExpires } from './edge-freshness.ts';
import { forAYear, keepsAddressesApart, keepsWhatItMay, respectsVary } from './edge-keeping.ts';
import { keepsNoErrors, sharesNothingPersonal } from './edge-sharing.ts';
import { isNotPoisoned, writesNothing } from './edge-strangers.ts';
import { StubOrigin } from './stub-origin.ts';

export default exercise(async (scene) => {
  const origin = new StubOrigin();
  const app = await startEdges(scene, origin);
  // One is looked at closely, and the one that is near: its answers take no time.
  const near = sceneAt(app, origin, 'us');
  await keepsWhatItMay(near);
  const expire = await keepsWhatExpires(near);
  await keepsAddressesApart(near);
  await respectsVary(near);
  await answersForTheHead(near);
  await answersConditions(near);
  await answersRanges(near);
  await sharesNothingPersonal(near);
  await keepsNoErrors(near);
  await asksEachTime(near);
  await countsTheAgeItCameWith(near);
  await isNotPoisoned(near);
  await writesNothing(near);
  await Promise.all([expire(), ...(['eu', 'ap'] as const).map((region) => isAnEdgeToo(sceneAt(app, origin, region)))]);
});

/** A glance at the others: they keep what they may, and nothing else. */
async function isAnEdgeToo(scene: EdgeScene): Promise<void> {
  const { origin, edge, ada, bob } = scene;
  const image = randomBytes(20_000);
  origin.gives(`/images/${edge}.png`, { headers: { 'content-type': 'image/png', 'cache-control': forAYear }, body: image });
  await requireKept(scene, `/images/${edge}.png`, image, 'Every edge keeps for the people of its region.');
  const path = `/me/${edge}`;
  origin.gives(path, ({ headers }) => ({ headers: { 'cache-control': 'private, max-age=600' }, body: `For ${headers.cookie ?? 'nobody'}` }));
  await ada.asks(path, { headers: { cookie: 'ada' } });
  const answer = await bob.asks(path, { headers: { cookie: 'bob' } });
  requireThat(answer.body.toString('utf8') !== 'For ada', {
    did: `Ada and then Bob asked ${edge} for what storage sends with cache-control: private`,
    saw: `"For ada" for Bob`,
    expected: 'an answer of his own',
    why: 'Every edge keeps the same rules.',
    machine: edge,
  });
}
