import { distinct, exercise, failedBeforeFirstByte, feedIn, hasFailed, outcomes, photoIn, pictures, requireThat, together, until, type App, type CrowdRequest, type User } from 'checker/check';
import { timelineOfApis, untilAllServe, untilInRotation, untilReadyItself } from './behind.ts';

const dead = 'api-2';
const backMs = 5_000;
/** What was sent so soon after the death may have been under way to it all the same. */
const inFlightMs = 100;

export default exercise(async ({ start, timed }) => {
  const app = await start();
  const ada = await app.member('ada');
  const photo = photoIn(await ada.uploads(pictures.png, { caption: 'From before' }), 201, { did: 'Ada posted a photo', why: 'There has to be something to look at.' });
  await untilAllServe(app, app.visitor());
  await timed(() => killedUnderLoad(app, ada, photo.id));
  await notStoredTwice(app, ada);
});

async function killedUnderLoad(app: App, ada: User, photo: string): Promise<void> {
  const captions: string[] = [];
  const readers = app.crowd({ perSecond: 80, people: Array.from({ length: 8 }, () => app.visitor()), does: (who) => who.feed() });
  const likers = app.crowd({ perSecond: 10, people: [ada], does: (who) => who.likes(photo) });
  const posters = app.crowd({
    perSecond: 5,
    people: [ada],
    does: (who, index) => {
      captions[index] = `Under load ${index}`;
      return who.uploads(distinct(pictures.png, `Under load ${index}`), { caption: captions[index] });
    },
  });
  await readers.for(1_000);
  const killedAt = performance.now();
  readers.mark(`${dead} killed`);
  await app.machine(dead).kill();
  const goneAt = performance.now();
  await readers.for(1_500);
  await app.machine(dead).start();
  const did = `${dead} was killed while people read, liked and posted`;
  await untilReadyItself(app, dead, `${did}, and was started again`);
  readers.mark(`${dead} ready again`);
  const backAfterMs = await untilInRotation(app.visitor(), dead, backMs);
  const [reads, likes, posts] = await Promise.all([readers.leaves(), likers.leaves(), posters.leaves()]);
  const timeline = timelineOfApis(app, reads, likes, posts);

  const failed = reads.requests.filter(failedBeforeFirstByte);
  requireThat(failed.length === 0, {
    kind: 'requests failed',
    did,
    saw: `of ${reads.requests.length} GETs ${failed.length} failed before the first byte of their answer: ${outcomes(failed)}`,
    expected: 'no GET that fails: two machines were well all the time',
    why: 'A GET changes nothing. As long as nobody has seen anything of its answer, it can be asked of another machine.',
    machine: 'lb',
    timeline,
  });

  const writes = together(likes, posts);
  const [from, to] = [killedAt - writes.startedAt, goneAt - writes.startedAt + inFlightMs];
  const wasInFlight = ({ sentAt, endedAt }: CrowdRequest): boolean => sentAt <= to && endedAt >= from;
  const lost = writes.requests.filter((request) => (hasFailed(request) || request.status >= 400) && !wasInFlight(request));
  requireThat(lost.length === 0, {
    kind: 'requests failed',
    did,
    saw: `${lost.length} writes failed that were not under way when it died: ${outcomes(lost)}`,
    expected: 'writes that fail at most where they were in flight at that moment',
    why: 'A machine that is known to be dead gets no requests, and one that refuses a connection has got nothing of the request: another machine can have it.',
    machine: 'lb',
    timeline,
  });

  const stored = await captionsInFeed(ada);
  const acknowledged = posts.requests.filter(({ status }) => status === 201).length;
  const found = captions.filter((caption) => stored.includes(caption)).length;
  requireThat(found >= acknowledged, {
    kind: 'did not survive',
    did,
    saw: `${acknowledged} photos were acknowledged with 201, and ${found} are in the feed`,
    expected: 'every photo that was acknowledged',
    why: 'Who was told 201 deletes the photo from their phone.',
    timeline,
  });
  requireNoneTwice(captions, stored, did);

  requireThat(backAfterMs !== undefined, {
    did: `${did}, was started again, and said 200 at /readyz`,
    saw: `no request was sent to it within ${backMs / 1_000} s`,
    expected: `requests within ${backMs / 1_000} s`,
    why: 'A machine that is never let back in is lost by its first accident, and the third accident loses everything.',
    machine: 'lb',
    timeline,
  });
}

/** Staged: a machine has stored photos, its answers have not come, and it dies. Whoever sends them again stores them twice. */
async function notStoredTwice(app: App, ada: User): Promise<void> {
  const wire = app.wire('lb', dead);
  for (let round = 1; round <= 4; round += 1) {
    await untilInRotation(app.visitor(), dead, backMs);
    const captions = Array.from({ length: 9 }, (_, index) => `Twice ${round} ${index}`);
    wire.cut('answers');
    const before = wire.seen().sentBytes;
    const posts = captions.map((caption) => ada.uploads(distinct(pictures.png, caption), { caption }));
    await until('all photos to be stored', async () => (await storedIn(app, captions)).length === captions.length, { timeoutMs: 1_500, everyMs: 10 }).catch(() => undefined);
    const reached = wire.seen().sentBytes - before > pictures.png.bytes.length;
    await app.machine(dead).kill();
    wire.heal();
    await Promise.all(posts);
    requireNoneTwice(captions, await captionsInFeed(ada), `People posted photos, and ${dead} died when it had stored some of them and before its answers had come`);
    await app.machine(dead).start();
    // A balancer may have known better than to send any of them there: then there was nothing to see.
    if (reached) return;
  }
}

function requireNoneTwice(captions: readonly string[], stored: readonly string[], did: string): void {
  const twice = captions.filter((caption) => stored.filter((other) => other === caption).length > 1);
  requireThat(twice.length === 0, {
    did,
    saw: `${twice.length} photos were stored twice, though each was posted once ("${twice[0] ?? ''}")`,
    expected: 'each photo at most once',
    why: 'No answer does not mean that nothing happened. Whoever sends a POST again does it again.',
    machine: 'lb',
  });
}

async function storedIn(app: App, captions: readonly string[]): Promise<string[]> {
  const stored: string[] = [];
  for (const caption of captions) if (await app.database().holds(caption)) stored.push(caption);
  return stored;
}

async function captionsInFeed(ada: User): Promise<string[]> {
  const captions: string[] = [];
  let before: string | undefined;
  do {
    const page = feedIn(await ada.feed({ limit: 50, before }), { did: 'Ada looked through the feed', why: 'Two machines are well.' });
    captions.push(...page.photos.map(({ caption }) => caption));
    before = page.next ?? undefined;
  } while (before !== undefined);
  return captions;
}
