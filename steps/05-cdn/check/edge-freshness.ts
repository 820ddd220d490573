// For how long an edge answers from what it kept.

import { requireStatus, requireThat, until, type Answer } from 'checker/check';
import { inWords, requireWhole, type EdgeScene } from './edge-scene.ts';

/** Programs that count whole seconds may be one late, and some fetch what has expired for the next who asks. */
const patienceMs = 4_000;

/** Asks for what expires after a second. @returns what has to be seen of it later */
export async function keepsWhatExpires({ origin, edge, ada, bob }: EdgeScene): Promise<() => Promise<void>> {
  let version = 'the old one';
  const cases: readonly [path: string, headers: Record<string, string>][] = [
    ['/expires/max-age', { 'cache-control': 'max-age=1' }],
    ['/expires/tagged', { 'cache-control': 'public, max-age=1' }],
    ['/expires/shared', { 'cache-control': 'max-age=600, s-maxage=1' }],
  ];
  for (const [path, headers] of cases) {
    origin.gives(path, () => ({ headers: { ...headers, ...(path.endsWith('tagged') && { etag: `"${version}"` }) }, body: version }));
    requireWhole(await ada.asks(path), version, { did: `Ada asked ${edge} for ${path}`, why: 'What is there is there.', machine: edge });
  }
  const same = { headers: { 'cache-control': 'max-age=1', etag: '"same"' }, body: 'It has not changed' };
  origin.gives('/expires/unchanged', same);
  await ada.asks('/expires/unchanged');
  // Nobody but Ada asks for this one, and she asks only whether it has changed.
  const path = '/expires/ask-whether';
  origin.gives(path, () => ({ headers: { 'cache-control': 'max-age=1', etag: `"${version.replaceAll(' ', '-')}"` }, body: version }));
  const hers = (await ada.asks(path)).headers['etag'] ?? '';

  return async () => {
    version = 'the new one';
    for (const [path, headers] of cases) {
      let last: Answer | undefined;
      const isNew = async (): Promise<boolean> => (last = await bob.asks(path)).body.toString('utf8') === version;
      const came = await until('the new version', isNew, { timeoutMs: patienceMs, everyMs: 50 }).then(() => true, () => false);
      requireThat(came, {
        did: `Ada asked ${edge} for what storage sends with cache-control: ${headers['cache-control']}; it changed, and more than a second later Bob asked for it for ${patienceMs / 1_000} s`,
        saw: last ? `${last.toString()} with ${inWords(last.body)}` : 'nothing',
        expected: `"${version}"`,
        why: 'max-age is a promise of the origin, and s-maxage is one to those who share: for so long it may be kept, and not for longer.',
        machine: edge,
      });
    }
    let told: Answer | undefined;
    const isTold = async (): Promise<boolean> => (told = await ada.asks(path, { headers: { 'if-none-match': hers } })).status !== 304;
    const did = `Ada got from ${edge} what storage sends with cache-control: max-age=1 and an ETag; it changed, and more than a second later she asked for ${patienceMs / 1_000} s with if-none-match: ${hers} whether it has`;
    await until('something else than 304', isTold, { timeoutMs: patienceMs, everyMs: 50 }).catch(() => undefined);
    if (told) requireWhole(told, version, { did, why: 'A 304 is an answer as others are: out of what has expired it says nothing before the origin was asked. A browser that has an old one asks in no other way.', machine: edge });
    for (const who of [ada, bob, ada]) {
      const did = `What ${edge} had kept was too old; it asked whether it has changed (or for it again), and it had not`;
      requireWhole(await who.asks('/expires/unchanged'), same.body, { did, why: 'The 304 of the origin is an answer to the edge. People who asked without a condition get what was kept.', machine: edge });
    }
  };
}

/** What is too old from the beginning is asked for each time. */
export async function asksEachTime({ origin, edge, ada, bob }: EdgeScene): Promise<void> {
  for (const [index, control] of ['max-age=0', 'no-cache', 'public, no-cache', 'public, max-age=0, must-revalidate', 'public, s-maxage=0, max-age=600'].entries()) {
    for (const tagged of [false, true]) {
      let version = 'one';
      const path = `/each-time/${index}${tagged ? '/tagged' : ''}`;
      origin.gives(path, () => ({ headers: { 'cache-control': control, ...(tagged && { etag: `"${version}"` }) }, body: version }));
      const first = await ada.asks(path);
      const did = `Ada asked ${edge} for what storage sends with cache-control: ${control}${tagged ? ' and an ETag' : ''}`;
      const why = 'This may be kept, but nobody may get it before the origin has said that it is still right.';
      requireWhole(first, 'one', { did, why, machine: edge });
      version = 'two';
      requireWhole(await bob.asks(path), 'two', { did: `${did}; it changed, and Bob asked`, why, machine: edge });
    }
  }
}

/** How old something was when it came adds to how old it is. */
export async function countsTheAgeItCameWith({ origin, edge, ada, bob }: EdgeScene): Promise<void> {
  origin.gives('/aged', { headers: { 'cache-control': 'public, max-age=600', age: '120' }, body: 'from another cache' });
  for (const who of [ada, bob]) {
    const answer = await who.asks('/aged');
    const did = `${who.name} asked ${edge} for what storage sends with age: 120`;
    const why = 'Age says how long ago the answer was made. Who makes it younger makes everybody after them keep it for too long.';
    requireStatus(answer, 200, { did, why });
    const age = answer.headers['age'];
    requireThat(age === undefined || Number(age) >= 120, { did, saw: `age: ${age ?? ''}`, expected: 'age: 120 or more', why, machine: edge });
  }
}
