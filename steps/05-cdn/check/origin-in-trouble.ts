// An origin that is there and cannot serve: it answers errors, or nothing. A stand-in in the place of storage does so at once.

import type http from 'node:http';
import { pause, requireAnswer, requireStatus, requireThat, until, type App, type Scene, type StackDescription } from 'checker/check';
import { edges, neighbourOf } from './edges.ts';

type Mood = 'well' | 'silent' | 404 | 500 | 503;

export interface Trouble {
  app: App;
  /** How the stand-in behaves from now on. */
  be: (mood: Mood, version: string) => void;
}

const pageSeconds = 1;
const ageMs = 1_300;
/** A silent origin has to be waited for, a while. */
const patienceMs = 3_000;
const backMs = 10_000;
/** An edge that is about to ask again at the end of these 10 s is right. */
const marginMs = 2_000;
/** What may not be given when it is old, whoever is away: must-revalidate. */
const strictPath = '/of-this-moment.html';
const peopleAtOnce = 8;

export async function startWithStandIn(description: StackDescription, start: Scene['start']): Promise<Trouble> {
  let [mood, version]: [Mood, string] = ['well', 'one'];
  const listener: http.RequestListener = (request, response) => {
    if (mood === 'silent') return;
    if (mood !== 'well') return void response.writeHead(mood, { 'content-type': 'application/problem+json', 'cache-control': 'no-store' }).end(`{"title":"Not this page","status":${mood}}`);
    const keep = keeping(request.url ?? '/');
    response.writeHead(200, { 'content-type': 'text/html', 'cache-control': keep, etag: `"${version}"`, date: new Date().toUTCString() }).end(`<!doctype html><title>${version}</title>`);
  };
  const off = description.machines.map(({ name }) => name).filter((name) => name !== 'storage' && !edges.some((edge) => edge === name));
  const app = await start({ standIns: { storage: { http: listener } }, off });
  return { app, be: (next, content) => ([mood, version] = [next, content]) };
}

function keeping(url: string): string {
  if (url.startsWith('/images/')) return 'public, max-age=31536000, immutable';
  return url === strictPath ? `public, max-age=${pageSeconds}, must-revalidate` : `public, max-age=${pageSeconds}, stale-if-error=86400`;
}

export async function answersErrors({ app, be }: Trouble): Promise<void> {
  await Promise.all(edges.map((edge) => untilPage(app, edge, 'one', 'A stand-in took the place of storage')));
  await Promise.all(edges.map((edge) => hasStrict(app, edge)));
  for (const mood of [503, 500, 'silent'] as const) {
    be(mood, 'one');
    await pause(ageMs);
    const trouble = mood === 'silent' ? 'storage accepted connections and answered nothing' : `storage answered ${mood} to everything`;
    await Promise.all(edges.map((edge) => stillServed(app, edge, `${trouble}, and the page at ${edge} was older than its max-age`)));
    if (mood === 503) await Promise.all(edges.flatMap((edge) => [failsForNow(app, edge), strictIsNotOld(app, edge)]));
  }
  be(404, 'one');
  await Promise.all(edges.map((edge) => untilGone(app, edge)));
  be('well', 'two');
  await Promise.all(edges.map((edge) => untilPage(app, edge, 'two', 'storage, which had answered errors and then nothing, was well again, with a new page')));
}

async function stillServed(app: App, edge: string, did: string): Promise<void> {
  const visitor = neighbourOf(app, edge);
  const answers = await Promise.all(Array.from({ length: peopleAtOnce }, () => visitor.client.send({ url: '/', timeoutMs: patienceMs + 2_000 })));
  const told = { did: `${did}; then ${peopleAtOnce} people opened it`, expected: `200 with the page that it has, within ${patienceMs / 1_000} s`, why: 'It was said with the page (stale-if-error): when the origin cannot answer, an old page is better than none.' };
  for (const answer of answers) {
    requireAnswer(answer, told);
    requireThat(answer.status === 200 && answer.body.includes('one'), { ...told, saw: String(answer), machine: edge });
    requireThat(answer.ms < patienceMs, { ...told, kind: 'too slow', saw: `${answer.call} → 200 after ${Math.round(answer.ms)} ms`, machine: edge });
  }
}

/** What it never had is an error for as long as the origin answers with one, and no longer. */
async function failsForNow(app: App, edge: string): Promise<void> {
  const answer = await neighbourOf(app, edge).client.send({ url: '/images/never-asked.png' });
  const told = { did: `storage answered 503 to everything, and somebody asked ${edge} for an image that it never had`, expected: 'a status from 500 to 599', why: 'An edge that does not know says so.' };
  requireAnswer(answer, told);
  requireThat(answer.status >= 500, { ...told, saw: String(answer), machine: edge });
}

async function hasStrict(app: App, edge: string): Promise<void> {
  const answer = await neighbourOf(app, edge).client.send({ url: strictPath });
  requireStatus(answer, 200, { did: `A stand-in took the place of storage, and somebody asked ${edge} for a page with must-revalidate`, why: 'All machines are well.' });
}

/** Its max-age is over, and there is nobody who could say that it is still right. */
async function strictIsNotOld(app: App, edge: string): Promise<void> {
  const answer = await neighbourOf(app, edge).client.send({ url: strictPath });
  const told = { did: `storage answered 503 to everything, and somebody asked ${edge} for a page that was older than its max-age, and that says must-revalidate`, expected: 'a status from 500 to 599', why: 'Some things are better not said than said too late: a price, a permission. The origin knows which (RFC 9111, section 5.2.2.2).' };
  requireAnswer(answer, told);
  requireThat(answer.status >= 500, { ...told, saw: String(answer), machine: edge });
}

/** An origin that says that there is no such page is well: nobody asks it in vain. */
async function untilGone(app: App, edge: string): Promise<void> {
  const visitor = neighbourOf(app, edge);
  let saw = 'nothing';
  const isGone = async (): Promise<boolean> => {
    const answer = await visitor.client.send({ url: '/', timeoutMs: patienceMs });
    saw = String(answer);
    return answer.status === 404;
  };
  const gone = await until('the page to be gone', isGone, { timeoutMs: backMs + marginMs, everyMs: 50 }).catch(() => false);
  requireThat(gone, { kind: 'too slow', did: `storage was well again and answered 404 to everything; then somebody opened the page at ${edge} again and again`, saw, expected: `404 within ${backMs / 1_000} s`, why: 'That something is gone is an answer, and not trouble: what was taken away is not to be shown for ever (RFC 5861, section 4).', machine: edge });
}

async function untilPage(app: App, edge: string, version: string, did: string): Promise<void> {
  const visitor = neighbourOf(app, edge);
  let saw = 'nothing';
  const look = (path: string, mark: string) => async (): Promise<boolean> => {
    const answer = await visitor.client.send({ url: path, timeoutMs: patienceMs });
    saw = answer.ok ? `${answer.call} → 200 with ${answer.body.toString('utf8').slice(0, 80)}` : String(answer);
    return answer.status === 200 && answer.body.includes(mark);
  };
  const startedAt = performance.now();
  const left = (): number => Math.max(0, startedAt + backMs + marginMs - performance.now());
  const isFresh = await until('the page', look('/', version), { timeoutMs: left(), everyMs: 50 }).catch(() => false);
  const hasAll = isFresh && (version === 'one' || (await until('the image', look('/images/never-asked.png', ''), { timeoutMs: left(), everyMs: 50 }).catch(() => false)));
  requireThat(isFresh && hasAll, { kind: 'too slow', did: `${did}; then somebody asked ${edge} again and again`, saw, expected: `200 with what storage has, within ${backMs / 1_000} s`, why: 'When the origin is back, everybody is to see what it has.', machine: edge });
}
