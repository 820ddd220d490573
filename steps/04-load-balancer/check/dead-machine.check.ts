import {
  exercise, failedBeforeFirstByte, hasFailed, outcomes, pause, photoIn, pictures, requireOnTime, requireThat, sentBetween, together,
  type Answer, type App, type CrowdRecord, type CrowdRequest, type Timeline, type User,
} from 'checker/check';
import { rushOf, timelineOfApis, untilAllServe, untilInRotation, untilReadyItself } from './behind.ts';
import { answersGetLost, captionsInFeed, posts, requireNoneTwice } from './posted.ts';

const dead = 'api-2';
const backMs = 5_000;
/** Long enough for news of an ended connection to get around, and shorter than the time between two health checks. */
const goodbyeMs = 40;
/** How late the crowd itself may be: it is not time that is judged here. */
const lateMs = 400;
/** What was sent so soon after the death may have been under way to it all the same. */
const inFlightMs = 100;
const did = `${dead} was killed while people read, liked and posted`;

export default exercise(async ({ start, timed }) => {
  const app = await start();
  const ada = await app.member('ada');
  const photo = photoIn(await ada.uploads(pictures.png, { caption: 'From before' }), 201, { did: 'Ada posted a photo', why: 'There has to be something to look at.' });
  await untilAllServe(app, app.visitor());

  const seen = await timed(() => killedUnderLoad(app, ada, photo.id));
  requireEveryRead(seen);
  requireNoGhosts(seen);
  requireWritesNotInFlight(seen);
  requireEachPhotoOnce(seen, await captionsInFeed(ada));
  requireBack(seen);

  for (const machine of ['api-3', 'api-1']) await goneWhenNobodyLooked(app, ada, machine);
});

/** What was seen of a death under load. Moments are on the clock of `performance.now()`. */
interface Seen {
  gets: CrowdRecord;
  writes: CrowdRecord;
  timeline: Timeline;
  /** From when on requests were in its hands as it died. */
  fromAt: number;
  goneAt: number;
  /** When it was started again. */
  againAt: number;
  /** How long after it was ready it got requests; undefined when it did not. */
  backAfterMs: number | undefined;
  /** Of all photos that were posted. */
  captions: string[];
  /** Those that were answered with 201. */
  acknowledged: string[];
}

async function killedUnderLoad(app: App, ada: User, photo: string): Promise<Seen> {
  const people = Array.from({ length: 8 }, () => app.visitor());
  const captions: string[] = [];
  const acknowledged: string[] = [];
  const noted = async (caption: string, post: (caption: string) => Promise<Answer>): Promise<Answer> => {
    const answer = await post(caption);
    if (answer.status === 201) acknowledged.push(caption);
    return answer;
  };
  const readers = app.crowd({ perSecond: 80, people, does: (who) => who.feed() });
  const likers = app.crowd({ perSecond: 10, people: [ada], does: (who) => who.likes(photo) });
  const posters = app.crowd({ perSecond: 5, people: [ada], does: (who, index) => noted((captions[index] = `Under load ${index}`), (caption) => posts(who, caption)) });
  await readers.for(1_000);

  // Staged and not hoped for: it dies with requests in its hands. Some of them it has done, and nobody was told.
  const fromAt = performance.now();
  readers.mark(`the answers of ${dead} get lost`);
  const gettingLost = answersGetLost(app, ada, dead);
  const rush = await rushOf(app, people);
  const lost = await gettingLost;
  readers.mark(`${dead} killed`);
  await app.machine(dead).kill();
  app.wire('lb', dead).heal();
  const goneAt = performance.now();

  await readers.for(1_500);
  const againAt = performance.now();
  await app.machine(dead).start();
  await untilReadyItself(app, dead, `${did}, and was started again`);
  readers.mark(`${dead} ready again`);
  const backAfterMs = await untilInRotation(app.visitor(), dead, backMs);

  const [reads, rushed, likes, posted, answers] = await Promise.all([readers.leaves(), rush.leaves(), likers.leaves(), posters.leaves(), Promise.all(lost.answers)]);
  // A crowd that came late is a sign of a computer on which machines seem dead that are well.
  requireOnTime(reads, lateMs);
  const gets = together(reads, rushed);
  const writes = together(likes, posted);
  for (const [index, { status }] of answers.entries()) if (status === 201) acknowledged.push(lost.captions[index]!);
  return { gets, writes, timeline: timelineOfApis(app, gets, writes), fromAt, goneAt, againAt, backAfterMs, captions: [...captions, ...lost.captions], acknowledged };
}

function requireEveryRead({ gets, timeline }: Seen): void {
  const failed = gets.requests.filter(failedBeforeFirstByte);
  requireThat(failed.length === 0, {
    kind: 'requests failed',
    did,
    saw: `of ${gets.requests.length} GETs ${failed.length} failed before the first byte of their answer: ${outcomes(failed)}`,
    expected: 'no GET that fails: two machines were well all the time',
    why: 'A GET changes nothing. As long as nobody has seen anything of its answer, it can be asked of another machine.',
    machine: 'lb',
    timeline,
  });
}

/** The dead give no answers, and those of its last moments were lost. */
function requireNoGhosts({ gets, timeline, fromAt, againAt }: Seen): void {
  const whileDead = sentBetween(gets, fromAt - gets.startedAt, againAt - gets.startedAt);
  const ghosts = whileDead.filter(({ machine }) => machine === dead);
  requireThat(ghosts.length === 0, {
    did,
    saw: `${ghosts.length} answers say that ${dead} gave them, to people who asked when none could come from it any more`,
    expected: 'answers of machines that are there',
    why: 'Who gets an old answer for a new one does not see what happened since, and nobody sees that a machine is missing.',
    machine: 'lb',
    timeline,
  });
}

function requireWritesNotInFlight({ writes, timeline, fromAt, goneAt }: Seen): void {
  const [from, to] = [fromAt - writes.startedAt, goneAt + inFlightMs - writes.startedAt];
  const wasInFlight = ({ sentAt, endedAt }: CrowdRequest): boolean => sentAt <= to && endedAt >= from;
  const broken = writes.requests.filter((request) => (hasFailed(request) || request.status >= 400) && !wasInFlight(request));
  requireThat(broken.length === 0, {
    kind: 'requests failed',
    did,
    saw: `${broken.length} writes failed that were not under way when it died: ${outcomes(broken)}`,
    expected: 'writes that fail at most where they were in flight at that moment',
    why: 'A machine that is known to be dead gets no requests, and one that refuses a connection has got nothing of the request: another machine can have it.',
    machine: 'lb',
    timeline,
  });
}

function requireEachPhotoOnce({ captions, acknowledged, timeline }: Seen, stored: readonly string[]): void {
  const missing = acknowledged.filter((caption) => !stored.includes(caption));
  requireThat(missing.length === 0, {
    kind: 'did not survive',
    did,
    saw: `${acknowledged.length} photos were acknowledged with 201, and ${missing.length} of them are not in the feed`,
    expected: 'every photo that was acknowledged',
    why: 'Who was told 201 deletes the photo from their phone.',
    timeline,
  });
  requireNoneTwice(captions, stored, `People posted photos, and ${dead} died when it had stored some of them and before its answers had come`);
}

function requireBack({ backAfterMs, timeline }: Seen): void {
  requireThat(backAfterMs !== undefined, {
    kind: 'too slow',
    did: `${did}, was started again, and said 200 at /readyz`,
    saw: `no request was sent to it within ${backMs / 1_000} s`,
    expected: `requests within ${backMs / 1_000} s`,
    why: 'A machine that is never let back in is lost by its first accident, and the third accident loses everything.',
    machine: 'lb',
    timeline,
  });
}

/** Nothing was under way, and no balancer can know: whoever comes next is the first to meet a closed door. */
async function goneWhenNobodyLooked(app: App, ada: User, machine: string): Promise<void> {
  await untilInRotation(app.visitor(), machine, backMs);
  const captions = Array.from({ length: 9 }, (_, index) => `At the door of ${machine} ${index}`);
  const wire = app.wire('lb', machine);
  wire.close();
  // Connections that were open are known to be gone by then. What is sent on one in the very moment of its end may have arrived.
  await pause(goodbyeMs);
  const answers = await Promise.all(captions.map((caption) => posts(ada, caption)));
  await wire.open();

  const happened = `At a quiet moment ${machine} began to refuse connections, as the dead do, and before anybody could know it ${captions.length} photos were posted`;
  const failed = answers.filter(({ status }) => status !== 201);
  requireThat(failed.length === 0, {
    kind: 'requests failed',
    did: happened,
    saw: `${failed.length} of them failed: ${told(failed)}`,
    expected: `${captions.length} × 201`,
    why: 'Who refuses a connection has got nothing of the request. It is whole, its body too, and another machine can have it.',
    machine: 'lb',
  });
  requireNoneTwice(captions, await captionsInFeed(ada), happened);
}

/** Each way in which they failed once. */
function told(failed: readonly Answer[]): string {
  return [...new Set(failed.map((answer) => (answer.silence === 'reset' ? `${answer.call} → connection closed` : answer.toString())))].join(', ');
}
