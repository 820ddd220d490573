// Photos that people post while something goes wrong: which of them are stored, and whether any is stored twice.

import { distinct, feedIn, pictures, requireThat, until, type Answer, type App, type Picture, type User } from 'checker/check';

const atOnce = 9;
/** Of 50 photos each: many more than any check posts. */
const mostPages = 40;
/** More than all other requests of that moment together, so that the wire shows where photos go. */
const pictureBytes = 20_000;

/** One photo of somebody's; no two are alike. */
export function posts(who: User, caption: string): Promise<Answer> {
  return who.uploads(photoOf(caption), { caption });
}

function photoOf(caption: string): Picture {
  return distinct(pictures.png, caption.padEnd(pictureBytes, '.'));
}

export interface Posted {
  captions: string[];
  answers: Promise<Answer>[];
}

/**
 * The answers of a machine get lost from now on, and people post until it has stored some of their photos. The wire from lb to
 * it stays cut.
 */
export async function answersGetLost(app: App, who: User, machine: string): Promise<Posted> {
  const wire = app.wire('lb', machine);
  const posted: Posted = { captions: [], answers: [] };
  wire.cut('answers');
  const before = wire.seen().sentBytes;
  const hasReached = (): boolean => wire.seen().sentBytes - before > pictureBytes;
  // A balancer may know better than to send anything there: then there is nothing to see.
  for (let round = 1; round <= 3 && !hasReached(); round += 1) {
    const captions = Array.from({ length: atOnce }, (_, index) => `In flight ${round} ${index}`);
    posted.captions.push(...captions);
    posted.answers.push(...captions.map((caption) => posts(who, caption)));
    await allStored(app, captions);
  }
  return posted;
}

/** Waits until the database has them, but not for ever: some may have been refused. */
async function allStored(app: App, captions: readonly string[]): Promise<void> {
  const missing = new Set(captions);
  const isComplete = async (): Promise<boolean> => {
    for (const caption of missing) if (await app.database().holds(caption)) missing.delete(caption);
    return missing.size === 0;
  };
  await until('all photos to be stored', isComplete, { timeoutMs: 1_000, everyMs: 20 }).catch(() => undefined);
}

/** What everybody sees who looks through the feed to its end. @throws Failure */
export async function captionsInFeed(who: User): Promise<string[]> {
  const captions: string[] = [];
  const cursors = new Set<string>();
  let before: string | undefined;
  do {
    const page = feedIn(await who.feed({ limit: 50, before }), { did: `${who.name} looked through the feed`, why: 'Most machines are well.' });
    captions.push(...page.photos.map(({ caption }) => caption));
    before = page.next ?? undefined;
    requireThat(before === undefined || (page.photos.length > 0 && !cursors.has(before) && cursors.size < mostPages), {
      did: `${who.name} looked through the feed`,
      saw: `${captions.length} photos on ${cursors.size + 1} pages, and still a next`,
      expected: 'an end: next is null on the last page',
      why: 'Whoever looks through the feed does not want to do so for ever.',
    });
    if (before !== undefined) cursors.add(before);
  } while (before !== undefined);
  return captions;
}

/** @throws Failure when one of them is in the feed more than once. */
export function requireNoneTwice(captions: readonly string[], stored: readonly string[], did: string): void {
  const twice = captions.filter((caption) => stored.filter((other) => other === caption).length > 1);
  requireThat(twice.length === 0, {
    did,
    saw: `${twice.length} photos were stored twice, though each was posted once ("${twice[0] ?? ''}")`,
    expected: 'each photo at most once',
    why: 'No answer does not mean that nothing happened. Whoever sends a POST again does it again.',
    machine: 'lb',
  });
}
