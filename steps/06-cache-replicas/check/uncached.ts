// Reads that no cache can answer, because nobody has asked the like before: another size and another cursor each time.

import { feedIn, pause, photoIn, pictures, requireThat, type Answer, type App, type FeedPage, type Photo, type User } from 'checker/check';
import { apis, emptyCache } from './machines.ts';
import { costOf, idleOf, type Cost, type Idle } from './statements.ts';

const politeMs = 5_000;
/** As the contract has it. */
const highestLimit = 50;

/** Photos that somebody posts one after the other; newest first, as the feed has them. */
export async function postsPhotos(who: User, count: number, words = 'Photo'): Promise<Photo[]> {
  const posted: Photo[] = [];
  for (let number = 1; number <= count; number += 1) {
    posted.unshift(photoIn(await postsPolitely(who, `${words} ${number}`), 201, { did: `${who.name} posted a photo`, why: 'There has to be something to look at.' }));
  }
  return posted;
}

/** Who is told to come again does so, for a while. On a computer that is busy, a machine may need a moment more. */
async function postsPolitely(who: User, caption: string): Promise<Answer> {
  const startedAt = performance.now();
  for (;;) {
    const answer = await who.uploads(pictures.png, { caption });
    if (answer.status !== 503 || answer.headers['retry-after'] === undefined || performance.now() - startedAt > politeMs) return answer;
    await pause(200);
  }
}

/** Somebody at each machine, past lb. They have not signed up. */
export function atEachMachine(app: App): User[] {
  return apis.map((machine) => app.visitor('visitor', machine));
}

export interface Page {
  before: string | undefined;
  limit: number;
}

/** Pages of the feed of which each is given out once. */
export class UnaskedPages {
  readonly #cursors: readonly (string | undefined)[];
  #given = 0;
  #firstGiven = 0;

  private constructor(cursors: readonly (string | undefined)[]) {
    this.#cursors = cursors;
  }

  /** Turns the pages once, one photo a page, to learn the cursors. @param count how many photos there are, if it should not be all */
  static async of(who: User, count = highestLimit): Promise<UnaskedPages> {
    const cursors: (string | undefined)[] = [undefined];
    for (let turned = 1; turned < count; turned += 1) {
      const told = { did: `${who.name} turned the pages of the feed, one photo a page`, why: 'The feed is read page by page.' };
      const { next } = feedIn(await who.feed({ limit: 1, before: cursors.at(-1) }), told);
      if (next === null || next === undefined || cursors.includes(next)) break;
      cursors.push(next);
    }
    return new UnaskedPages(cursors);
  }

  /** The next page that nobody has seen. */
  next(): Page {
    const at = this.#given;
    this.#given += 1;
    // Of size 1 they were learned with. Beyond the last size it begins again: nobody reads that long.
    const limit = 2 + (Math.floor(at / this.#cursors.length) % (highestLimit - 1));
    return { before: this.#cursors[at % this.#cursors.length], limit };
  }

  /** The next first page that nobody has seen: of the largest sizes, to which the others do not come. */
  nextFirst(): Page {
    this.#firstGiven += 1;
    return { before: undefined, limit: highestLimit - this.#firstGiven };
  }

  /** The next page with a cursor that nobody has seen. Where all photos are on one page there is none, and any has to do. */
  nextLater(): Page {
    const page = this.next();
    return page.before === undefined && this.#cursors.length > 1 ? this.nextLater() : page;
  }
}

/** Of each kind: first pages, and later ones. */
const coldReads = 6;

/** What a page of the feed costs the databases when no cache has it. @throws Failure when it costs nothing */
export async function costOfColdFeed(app: App): Promise<Cost> {
  const cost = await costOfFeeds(app, await idleOf(app), await UnaskedPages.of(app.visitor()));
  requireThat(cost.each > 0, {
    did: `The cache was emptied ${2 * coldReads} times, and each time somebody opened a page of the feed that nobody had asked for`,
    saw: 'no statement that ran each time, neither on db nor on replica',
    expected: 'a page that comes from a database when it is not in the cache',
    why: 'What is in no database is lost by the first restart.',
  });
  return cost;
}

/** The same, learned from these pages. The first page may well be another statement than those behind it: it has no cursor. */
export function costOfFeeds(app: App, idle: Idle, pages: UnaskedPages): Promise<Cost> {
  const people = atEachMachine(app);
  const kinds = [() => pages.nextFirst(), () => pages.nextLater()];
  return costOf(app, idle, ...kinds.map((next) => coldPages(app, people, next, coldReads)));
}

/** Reads pages that nobody has asked for, each with the cache emptied before it, people in turn. */
export function coldFeeds(app: App, people: readonly User[], pages: UnaskedPages, count: number): (() => Promise<Answer>)[] {
  return coldPages(app, people, () => pages.next(), count);
}

function coldPages(app: App, people: readonly User[], next: () => Page, count: number): (() => Promise<Answer>)[] {
  return Array.from({ length: count }, (_, index) => cold(app, () => people[index % people.length]!.feed(next()), 'The cache was emptied, and somebody opened a page of the feed'));
}

/** The same for single photos, each once. */
export function coldPhotos(app: App, people: readonly User[], photos: readonly Photo[]): (() => Promise<Answer>)[] {
  return photos.map(({ id }, index) => cold(app, () => people[index % people.length]!.photo(id), 'The cache was emptied, and somebody opened a photo'));
}

function cold(app: App, read: () => Promise<Answer>, did: string): () => Promise<Answer> {
  return async () => {
    await emptyCache(app);
    const answer = await read();
    requireThat(answer.status === 200, { did, saw: answer.toString(), expected: 'status 200', why: 'A cache may be emptied at any moment. What was in it is still in the database.', machine: answer.machine });
    return answer;
  };
}

/** The page of a feed, which has to show these photos in this order. @throws Failure */
export function requirePage(answer: Answer, expected: readonly Photo[], did: string): FeedPage {
  const page = feedIn(answer, { did, why: 'Everybody reads the feed.' });
  const [shown, wanted] = [page.photos, expected].map((photos) => photos.map(({ id }) => id).join(', '));
  requireThat(shown === wanted, {
    did,
    saw: `${answer.call} → photos ${shown || 'none'}`,
    expected: `photos ${wanted || 'none'}`,
    why: 'A cache answers quicker, and the same.',
    machine: answer.machine,
  });
  return page;
}
