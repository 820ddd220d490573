import { distinct, exercise, pause, pictures, requireAnswer, requireStatus, requireThat, type Answer, type App, type User } from 'checker/check';
import { requireShort, sharedSeconds } from './cache-control.ts';
import { edges, neighbourOf, pathAtEdges } from './edges.ts';
import { answersErrors, startWithStandIn } from './origin-in-trouble.ts';
import { loadPage, shortly } from './page.ts';
import { liveEverywhere, requireParts, whilePublished } from './publish-scene.ts';
import { changePage, versionOf } from './publishing.ts';
import { uploaded } from './uploading.ts';

const quickMs = 2_000;
const agedMs = 700;
const whyAway = 'The origin is away, and the edge has what was asked for. An old page is better than none.';

export default exercise(async ({ description, start }) => {
  const [trouble, app] = await Promise.all([startWithStandIn(description, start), start()]);
  const outcomes = await Promise.allSettled([outlivesStorage(app), answersErrors(trouble)]);
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
});

/** What edges had when storage died. */
interface Kept {
  edge: string;
  visitor: User;
  /** By path. */
  answers: Map<string, Answer>;
}

async function outlivesStorage(app: App): Promise<void> {
  const ada = await app.member('ada');
  const seen = pathAtEdges(app, await uploaded(ada, distinct(pictures.png, 'seen by all'), 'Seen by all'), 'Ada posted a photo');
  const unseen = pathAtEdges(app, await uploaded(ada, distinct(pictures.gif, 'seen by nobody'), 'Seen by nobody'), 'Ada posted a photo');
  const kept = await Promise.all(edges.map((edge) => visited(app, edge, ['/', '/config.json', seen])));
  // The parts of the page are loaded at one edge; of the others they are asked when they are old.
  const first = await loadPage(neighbourOf(app, edges[0]), app.stack.publicUrl(edges[0]));
  requireParts(edges[0], first, 'Somebody opened the page');

  const oldAfterMs = oldAt(kept) + agedMs;
  await app.machine('storage').kill();
  await pause(oldAfterMs - performance.now());
  await served(kept, 'storage was killed, the page grew older than its max-age');
  await failsForNow(kept, unseen);
  await served(kept, 'storage was killed, the page grew older than its max-age, and was asked for a second time');

  await changePage(app, 'second');
  await app.machine('storage').start();
  const backAt = performance.now();
  await liveEverywhere(app, 'second', backAt, 'storage was killed, and came back with a new page');
  await Promise.all(kept.map(({ edge, visitor }) => notKept(visitor, unseen, edge)));
  await oldPartsStay(app, first.parts, 'A page was open when storage was killed and came back with a new one');

  const second = await whilePublished(app, 'third');
  await oldPartsStay(app, new Map([...first.parts, ...second]), 'Two new pages were published one after the other, and somebody still had an older one open');
}

async function visited(app: App, edge: string, paths: readonly string[]): Promise<Kept> {
  const visitor = neighbourOf(app, edge);
  const answers = new Map<string, Answer>();
  for (const path of paths) {
    const answer = await visitor.client.send({ url: path });
    requireStatus(answer, 200, { did: `Somebody asked ${edge} for ${path}`, why: 'All machines are well.' });
    answers.set(path, answer);
  }
  requireShort(answers.get('/')!, `Somebody opened the page at ${edge}`);
  return { edge, visitor, answers };
}

/** When the last of the pages is older than it may be, on the clock of `performance.now()`. */
function oldAt(kept: readonly Kept[]): number {
  return Math.max(...kept.flatMap(({ answers }) => ['/', '/config.json'].map((path) => answers.get(path)!.endedAt + (sharedSeconds(answers.get(path)!) ?? 0) * 1_000)));
}

/** @throws Failure unless each edge gives what it had, quickly. */
async function served(kept: readonly Kept[], did: string): Promise<void> {
  for (const { edge, visitor, answers } of kept) {
    for (const [path, before] of answers) {
      const answer = await visitor.client.send({ url: path });
      const told = { did: `${did}; then somebody asked ${edge} for ${path}`, expected: '200, as before', why: whyAway };
      requireAnswer(answer, told);
      requireThat(answer.status === 200 && answer.body.equals(before.body), { ...told, saw: answer.ok ? `${answer.call} → ${answer.status} with something else` : String(answer), machine: edge });
      requireThat(answer.ms < quickMs, { ...told, kind: 'too slow', saw: `${answer.call} → 200 after ${Math.round(answer.ms)} ms`, expected: `200 within ${quickMs / 1_000} s`, machine: edge });
    }
  }
}

async function failsForNow(kept: readonly Kept[], path: string): Promise<void> {
  await Promise.all(
    kept.map(async ({ edge, visitor }) => {
      const answer = await visitor.client.send({ url: path });
      const told = { did: `storage was killed, and somebody asked ${edge} for an image that it never had`, expected: 'a status from 500 to 599', why: 'An edge that does not know says so. A 404 would be a lie.' };
      requireAnswer(answer, told);
      requireThat(answer.status >= 500, { ...told, saw: String(answer), machine: edge });
    }),
  );
}

async function notKept(visitor: User, path: string, edge: string): Promise<void> {
  const answer = await visitor.client.send({ url: path });
  requireStatus(answer, 200, { did: `Somebody asked ${edge} for an image while storage was away, and again when it was back`, why: 'An error belongs to its moment. Kept, it outlives its cause.' });
}

/** Where the old page says that they are, at every edge, also at one that never had them. */
async function oldPartsStay(app: App, parts: ReadonlyMap<string, Answer>, did: string): Promise<void> {
  await Promise.all(
    edges.map(async (edge) => {
      const visitor = neighbourOf(app, edge);
      const [from, to] = [app.stack.publicUrl(edges[0]), app.stack.publicUrl(edge)];
      for (const [address, before] of parts) {
        const answer = await visitor.client.send({ url: address.replace(from, to), asStranger: true });
        const text = answer.body.toString('utf8');
        requireThat(answer.status === 200 && answer.body.equals(before.body), {
          kind: answer.silence ? 'no answer' : answer.status >= 500 ? 'requests failed' : 'wrong answer',
          did: `${did}: it asked ${edge} for ${shortly(address)}`,
          saw: answer.ok ? `the file of version "${versionOf(text)}", where the page is of version "${versionOf(before.body.toString('utf8'))}"` : String(answer),
          expected: 'the file as it was when that page was published',
          why: 'A page that is open loads its scripts and styles when it needs them. Those of another version do not fit, and those that are gone break it.',
          machine: answer.machine ?? edge,
        });
      }
    }),
  );
}
