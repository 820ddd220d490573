// A publish while people open the page at every edge: whoever gets a page gets the scripts that were made for it.

import { pause, requireStatus, requireThat, until, type Answer, type App } from 'checker/check';
import { edges, neighbourOf } from './edges.ts';
import { loadPage, shortly, type LoadedPage } from './page.ts';
import { publish, versionOf } from './publishing.ts';

const liveMs = 10_000;
/** A page that may be kept for all of these 10 s is right: it is asked for again at their end, and that takes a while. */
const marginMs = 2_000;
/** While storage starts, an edge cannot get what it never had. */
const startingMs = 1_500;
const betweenMs = 60;

interface Visit {
  edge: string;
  /** With an address that nobody has asked for before, as older photos have: the edge gets the page for it. */
  isNew: boolean;
  page: LoadedPage;
}

/** Waits until each edge gives the page of this version. @param since when it could first have been got @throws Failure */
export async function liveEverywhere(app: App, version: string, since: number, did: string): Promise<void> {
  await Promise.all(
    edges.map(async (edge) => {
      const visitor = neighbourOf(app, edge);
      let seen: Answer | undefined;
      const isLive = async (): Promise<boolean> => {
        seen = await visitor.client.send({ url: '/', timeoutMs: 3_000 });
        return versionIn(seen) === version;
      };
      const live = await until('the page to be live', isLive, { timeoutMs: Math.max(0, since + liveMs + marginMs - performance.now()), everyMs: betweenMs }).catch(() => false);
      requireThat(live, {
        kind: 'too slow',
        did: `${did}; then somebody opened the page at ${edge} again and again`,
        saw: seen?.ok ? `after ${(liveMs + marginMs) / 1_000} s still the page of version "${versionIn(seen)}"` : `after ${(liveMs + marginMs) / 1_000} s ${String(seen)}`,
        expected: `the page of version "${version}" within ${liveMs / 1_000} s`,
        why: 'An edge that has got used to what it keeps never hears of anything new.',
        machine: edge,
      });
    }),
  );
}

/** Publishes while people open the page at each edge. @returns the parts of the page before, by their addresses at the first edge */
export async function whilePublished(app: App, version: string): Promise<ReadonlyMap<string, Answer>> {
  const before = await loadPage(neighbourOf(app, edges[0]), app.stack.publicUrl(edges[0]));
  const did = 'A new page was published: files in client/ changed, and storage was restarted';
  const visits: Visit[] = [];
  const visitors = new Map(edges.map((edge) => [edge, neighbourOf(app, edge)] as const));
  const opens = async (edge: (typeof edges)[number], isNew: boolean): Promise<void> => {
    const address = new URL(isNew ? `/?before=${version}${visits.length}${edge}` : '/', app.stack.publicUrl(edge)).href;
    visits.push({ edge, isNew, page: await loadPage(visitors.get(edge)!, address) });
  };
  let over = false;
  const people = edges.map(async (edge) => {
    while (!over) {
      for (const isNew of [false, true]) await opens(edge, isNew);
      await pause(betweenMs);
    }
  });
  try {
    await publish(app, version, async () => void (await Promise.all(edges.map((edge) => opens(edge, true)))));
    const backAt = performance.now();
    await liveEverywhere(app, version, backAt, did);
    // Some more, of whom each finds the new page.
    await pause(300);
    over = true;
    await Promise.all(people);
    for (const visit of visits) requireOneVersion(visit, backAt + startingMs, `${did}, and meanwhile somebody opened the page at ${visit.edge}`);
  } finally {
    over = true;
  }
  return before.parts;
}

/** @param backAt when storage could serve all of it again */
function requireOneVersion({ edge, isNew, page }: Visit, backAt: number, did: string): void {
  const isStarting = (answer: Answer): boolean => (answer.status >= 500 || answer.silence !== undefined) && answer.sentAt < backAt;
  if (isNew && isStarting(page.document)) return;
  requireStatus(page.document, 200, { did, why: 'Edges have a page. While storage is restarted, they can give that.' });
  const version = versionIn(page.document);
  for (const [address, part] of page.parts) {
    if (isStarting(part)) continue;
    requirePart(edge, address, part, version, did);
  }
}

/** @throws Failure unless every part of a page is there, and of its version */
export function requireParts(edge: string, page: LoadedPage, did: string): void {
  requireStatus(page.document, 200, { did, why: 'All machines are well.' });
  requireThat(page.parts.size > 0, { did, saw: 'a page that names no script and no style', expected: 'those of client/', why: 'Without its script the page shows nothing.', machine: edge });
  for (const [address, part] of page.parts) requirePart(edge, address, part, versionIn(page.document), did);
}

function requirePart(edge: string, address: string, part: Answer, version: string, did: string): void {
  const found = part.ok ? versionIn(part) : undefined;
  requireThat(found === version, {
    kind: part.silence ? 'no answer' : part.status >= 500 ? 'requests failed' : 'wrong answer',
    did,
    saw: found === undefined ? `the page of version "${version}", and for ${shortly(address)}, which it names: ${part.silence ?? part.status}` : `the page of version "${version}" with ${shortly(address)} of version "${found}"`,
    expected: 'a page, and the scripts and styles of its own version',
    why: 'A page with scripts of another version looks for what is not there, and breaks for as long as both are kept.',
    machine: part.machine ?? edge,
  });
}

function versionIn(answer: Answer): string {
  return versionOf(answer.body.toString('utf8'));
}
