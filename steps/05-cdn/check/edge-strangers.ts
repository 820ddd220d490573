// What people send who mean no good, or programs that do not know better.

import { requireStatus, requireThat } from 'checker/check';
import { requireWhole, type EdgeScene } from './edge-scene.ts';
import { Person } from './person.ts';

const longAddress = `/long?${'x'.repeat(16 * 1024)}`;

export async function isNotPoisoned({ app, origin, edge, ada, bob }: EdgeScene): Promise<void> {
  // As many programs do, this one believes who tells it its own name.
  for (const path of ['/named/host', '/named/forwarded']) {
    origin.gives(path, ({ headers }) => ({ headers: { 'cache-control': 'public, max-age=600' }, body: `I am at ${String(headers['x-forwarded-host'] ?? headers.host)}.` }));
  }
  const eve = new Person(app, 'Eve');
  for (const [path, headers] of [['/named/host', { host: 'evil.example' }], ['/named/forwarded', { 'x-forwarded-host': 'evil.example' }]] as const) {
    await eve.asks(path, { headers });
    const answer = await bob.asks(path);
    const did = `Eve asked ${edge} for ${path} with ${Object.entries(headers).map(([name, value]) => `${name}: ${value}`).join('')}; then Bob asked for it`;
    const why = 'What the origin makes of a header that is no part of the key is kept for everybody. One request of Eve\'s, and everybody\'s page loads its scripts from her.';
    requireStatus(answer, 200, { did, why });
    const came = answer.body.toString('utf8');
    requireThat(!came.includes('evil'), { did, saw: `"${came}"`, expected: 'nothing of what Eve sent', why, machine: edge });
  }

  origin.gives('/long', { headers: { 'cache-control': 'public, max-age=600' }, body: 'long' });
  const long = await eve.asks(longAddress);
  const did = `Eve asked ${edge} for an address of 16 KB`;
  const why = 'Nobody has such an address but those who look for the end of your patience. The rest has to be served as before.';
  requireStatus(long, [200, 400, 403, 404, 414, 431], { did, why, expected: 'status 414, another refusal, or the answer' });
  requireWhole(await ada.asks('/long?x'), 'long', { did: `${did}; then Ada asked for another`, why, machine: edge });
}

/** An edge is for reading. */
export async function writesNothing({ origin, edge, ada, bob }: EdgeScene): Promise<void> {
  const path = '/images/posted.png';
  origin.gives(path, { headers: { 'cache-control': 'public, max-age=600' }, body: 'an image' });
  for (const state of ['which it did not have', 'which it had kept']) {
    const before = origin.askedFor(path).length;
    const answer = await ada.asks(path, { method: 'POST' });
    const did = `Ada sent a POST to ${edge} for ${path}, ${state}`;
    const why = 'Edges forward what reads. A POST that is answered as if it were a GET has done nothing, and says that it has.';
    requireThat(answer.status >= 400 && answer.status < 600, { did, saw: answer.toString(), expected: 'a refusal, such as 405', why, machine: edge });
    const reached = origin.askedFor(path).slice(before).map(({ method }) => method);
    requireThat(!reached.includes('GET'), { did, saw: 'a GET reached the origin', expected: 'no request, or the POST as it is', why, machine: edge });
    requireWhole(await bob.asks(path), 'an image', { did: `${did}; then Bob asked for GET`, why, machine: edge });
  }
}
