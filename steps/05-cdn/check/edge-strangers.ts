// What people send who mean no good, or programs that do not know better.

import { requireStatus, requireThat } from 'checker/check';
import { requireWhole, type EdgeScene } from './edge-scene.ts';
import { Person } from './person.ts';

const longAddress = `/long?${'x'.repeat(16 * 1024)}`;

/** What one machine tells the next of an address that it has changed, and others can tell too. */
const tales: readonly [name: string, value: string][] = [
  ['host', 'evil.example'],
  ['x-forwarded-host', 'evil.example'],
  ['x-host', 'evil.example'],
  ['forwarded', 'host=evil.example;proto=http'],
  ['x-forwarded-proto', 'evil'],
  ['x-original-url', '/evil'],
];

export async function isNotPoisoned({ app, origin, edge, ada, bob }: EdgeScene): Promise<void> {
  const eve = new Person(app, 'Eve');
  for (const [name, value] of tales) {
    const path = `/named/${name}`;
    // As many programs do, this one believes who tells it what it is called.
    origin.gives(path, ({ headers }) => ({ headers: { 'cache-control': 'public, max-age=600' }, body: `I am at ${[headers[name] ?? headers.host].flat().join()}.` }));
    await eve.asks(path, { headers: { [name]: value } });
    const answer = await bob.asks(path);
    const did = `Eve asked ${edge} for ${path} with ${name}: ${value}; then Bob asked for it`;
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
  const path = '/images/written.png';
  origin.gives(path, { headers: { 'cache-control': 'public, max-age=600' }, body: 'an image' });
  for (const [method, state] of [['POST', 'which it did not have'], ['POST', 'which it had kept'], ['PUT', 'which it had kept'], ['DELETE', 'which it had kept'], ['PATCH', 'which it had kept']] as const) {
    const before = origin.askedFor(path).length;
    const answer = await ada.asks(path, { method });
    const did = `Ada sent a ${method} to ${edge} for ${path}, ${state}`;
    const why = `Edges are for reading. A ${method} that is answered as if it were a GET has done nothing, and says that it has; one that is passed on is at storage, past everything that asks who may.`;
    requireThat(answer.status >= 400 && answer.status < 600, { did, saw: answer.toString(), expected: 'a refusal, such as 405', why, machine: edge });
    const reached = origin.askedFor(path).slice(before).map((asked) => asked.method);
    requireThat(reached.length === 0, { did, saw: `a ${reached[0] ?? ''} reached the origin`, expected: 'no request', why, machine: edge });
    requireWhole(await bob.asks(path), 'an image', { did: `${did}; then Bob asked for GET`, why, machine: edge });
  }
}
