import { distinct, exercise, feedIn, photoIn, pictures, requireThat, sentences, type App, type Photo, type User } from 'checker/check';

const earlyCount = 12;
const photoCount = 120;
const pageSize = 10;

export default exercise(async ({ start }) => {
  const app = await start();
  const ada = await app.member('ada');
  const grace = await app.member('grace');
  await newestComesFirst(ada);
  await walkingIsComplete(app, ada, grace);
});

async function newestComesFirst(ada: User): Promise<void> {
  const posted: string[] = [];
  for (let number = 1; number <= earlyCount; number += 1) posted.push((await post(ada, `early ${number}`)).id);
  const told = { did: 'Ada posted twelve photos, one after the other, and opened the feed', why: 'People come to see what is new.' };
  const page = feedIn(await ada.feed({ limit: earlyCount }), told);
  const shown = page.photos.map(({ caption }) => caption);
  requireThat(page.photos.map(({ id }) => id).join() === [...posted].reverse().join(), {
    ...told,
    saw: shown.length === 0 ? 'no photos' : shown.join(', '),
    expected: 'early 12, early 11, and so on to early 1',
  });
}

async function walkingIsComplete(app: App, ada: User, grace: User): Promise<void> {
  const lasting = new Set<string>();
  const passing: { id: string; owner: User }[] = [];
  for (let posted = 0; posted < photoCount; posted += 8) {
    const batch = await Promise.all(
      Array.from({ length: 8 }, async (_, index) => {
        const owner = index % 2 === 0 ? ada : grace;
        return { owner, id: (await post(owner, `walk ${posted + index}`)).id };
      }),
    );
    // Of each eight, six stay; two will be deleted while somebody walks through the feed.
    for (const { id } of batch.slice(0, 6)) lasting.add(id);
    passing.push(...batch.slice(6));
  }
  const moments = await app.database().makeSimultaneous('walk 0');

  const large = { did: `Ada asked for a page of 1000 photos, and there are ${earlyCount + photoCount}`, why: 'One request must not be able to fetch everything.' };
  const largest = await ada.feed({ limit: 1000 });
  if (largest.status !== 400) {
    const { photos } = feedIn(largest, large);
    requireThat(photos.length <= 50, { ...large, saw: `${photos.length} photos`, expected: 'at most 50 photos, or status 400', machine: largest.machine });
  }
  const times = moments === undefined ? '' : moments === 1 ? 'The photos got the same time, all of them. ' : 'The photos got times a microsecond apart, two and two the same. ';
  await walkWhileOthersPost(ada, grace, lasting, passing, times);
}

/** @param times what became of the times of the photos, as a sentence */
async function walkWhileOthersPost(ada: User, grace: User, lasting: Set<string>, passing: { id: string; owner: User }[], times: string): Promise<void> {
  const did = `${times}Ada walked through the feed, ${pageSize} photos a page, while Grace posted and both deleted photos`;
  const why = 'A reader who turns the page while others post must miss nothing and see nothing twice.';
  /** The pages on which a photo came. */
  const seen = new Map<string, number[]>();
  const pages: Photo[][] = [];
  const maxPages = (2 * photoCount) / pageSize;
  let before: string | undefined;
  for (let page = 1; ; page += 1) {
    const answer = await ada.feed({ limit: pageSize, before });
    const { photos, next } = feedIn(answer, { did, why });
    requireThat(photos.length <= pageSize, {
      did: `Ada opened the feed, ${pageSize} photos a page`,
      saw: `${answer.call} → ${photos.length} photos`,
      expected: `at most ${pageSize}, as asked for with limit`,
      why: 'Whoever asks knows how much room there is on their screen.',
      machine: answer.machine,
    });
    pages.push(photos);
    for (const { id } of photos) seen.set(id, [...(seen.get(id) ?? []), page]);
    if (next === undefined || next === null) break;
    requireThat(page < maxPages, { did, saw: `still a next page after ${page} pages; ${comparedWithTheOneBefore(pages)}`, expected: 'an end: next is null on the last page', why, machine: answer.machine });
    before = next;
    await post(grace, `meanwhile ${page}`);
    const newest = passing.pop();
    const oldest = passing.shift();
    for (const photo of [newest, oldest]) await photo?.owner.deletes(photo.id);
    const last = photos.at(-1);
    if (losesItsLast(page) && last) {
      lasting.delete(last.id);
      await (last.username === 'ada' ? ada : grace).deletes(last.id);
    }
  }

  const missed = [...lasting].filter((id) => !seen.has(id));
  const repeated = [...lasting].filter((id) => (seen.get(id) ?? []).length > 1);
  requireThat(missed.length === 0 && repeated.length === 0, {
    did,
    saw: sentences(
      `of ${lasting.size} photos that stayed, ${missed.length} never came and ${repeated.length} came more than once${missed[0] === undefined ? '' : ` (the first that never came has the id ${missed[0]})`}`,
      patternOf(missed, repeated, pages, seen),
    ),
    expected: 'each of them once, whatever others post and delete, and also those that have the same time',
    why,
  });
}

/** Now and then the very photo goes at which the reader stopped. */
function losesItsLast(page: number): boolean {
  return page % 3 === 0;
}

function comparedWithTheOneBefore(pages: readonly Photo[][]): string {
  const last = pages.at(-1) ?? [];
  if (last.length === 0) return 'the last of them was empty';
  const before = new Set(pages.at(-2)?.map(({ id }) => id));
  return `of the ${last.length} photos on the last of them, ${last.filter(({ id }) => before.has(id)).length} had been on the page before`;
}

/** Where the photos were lost, as far as it shows. */
function patternOf(missed: readonly string[], repeated: readonly string[], pages: readonly Photo[][], seen: ReadonlyMap<string, number[]>): string | undefined {
  const turns = pages.length - 1;
  const last = pages.at(-1)?.length ?? 0;
  const [first] = repeated;
  const twice = first === undefined ? undefined : `the photo with the id ${first} came on the pages ${new Intl.ListFormat('en-GB').format((seen.get(first) ?? []).map(String))}`;
  if (missed.length === 0) return twice;
  if (missed.length > 2 * pageSize) {
    return sentences(
      `the feed ended with page ${pages.length}, which ${last === 0 ? 'was empty' : `had ${last} ${last === 1 ? 'photo' : 'photos'} and no next`}`,
      last === 0 && losesItsLast(turns) ? `the last photo of page ${turns} had been deleted before` : undefined,
      twice,
    );
  }
  // Of four photos three stay: one that is lost at every turn shows at about three of four turns.
  return missed.length > 0.55 * turns ? 'that is about one at every turn of the page' : undefined;
}

let photosPosted = 0;

async function post(owner: User, caption: string): Promise<Photo> {
  photosPosted += 1;
  const answer = await owner.uploads(distinct(pictures.png, String(photosPosted)), { caption });
  return photoIn(answer, 201, { did: `${owner.name} posted a photo`, why: 'The feed shows what people post.' });
}
