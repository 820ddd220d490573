import { distinct, exercise, hasFailed, msOf, outcomes, photoIn, pictures, requireOnTime, requireThat, sentBetween, together, type App, type User } from 'checker/check';
import { rushOf, timelineOfApis, untilAllServe, untilInRotation } from './behind.ts';
import { answersGetLost, captionsInFeed, requireNoneTwice } from './posted.ts';

const silent = 'api-2';
/** How long the balancer may take to notice. */
const noticeMs = 2_000;
const watchedMs = 4_000;
const slowMs = 500;
const longestMs = 2_000;
const backMs = 5_000;
/** How long a phone sends nothing in the middle of a photo. */
const slowPhoneMs = 1_200;

export default exercise(async ({ start, timed }) => {
  const app = await start();
  const ada = await app.member('ada');
  photoIn(await ada.uploads(pictures.png), 201, { did: 'Ada posted a photo', why: 'There has to be something to look at.' });
  await untilAllServe(app, app.visitor());
  await timed(() => pausedUnderLoad(app, ada));
});

async function pausedUnderLoad(app: App, ada: User): Promise<void> {
  const people = Array.from({ length: 8 }, () => app.visitor());
  const readers = app.crowd({ perSecond: 80, people, does: (who) => who.feed() });
  await aSlowPhoneIsNoSilentMachine(ada, () => readers.for(slowPhoneMs));

  const silentAt = performance.now();
  // What it was given before it fell silent it has done, and nobody was told.
  readers.mark(`the answers of ${silent} get lost`);
  const gettingLost = answersGetLost(app, ada, silent);
  const rushes = [await rushOf(app, people)];
  const lost = await gettingLost;
  readers.mark(`${silent} paused`);
  await app.machine(silent).pause();
  await readers.for(noticeMs);
  for (let half = 1; half <= 2; half += 1) {
    // Many at once as well: whoever avoids the machine only because it is busy is driven there by them.
    rushes.push(await rushOf(app, people));
    await readers.for(watchedMs / 2);
  }
  const watchedUntil = performance.now();
  await app.machine(silent).resume();
  app.wire('lb', silent).heal();
  readers.mark(`${silent} goes on`);
  const backAfterMs = await untilInRotation(app.visitor(), silent, backMs);
  const record = together(await readers.leaves(), ...(await Promise.all(rushes.map((rush) => rush.leaves()))));
  const timeline = timelineOfApis(app, record);
  const did = `${silent} was paused under load: it accepts connections, and says nothing`;
  const since = `from ${noticeMs / 1_000} s after it on`;

  // A crowd that came late is a sign of a computer on which machines seem silent that are well.
  requireOnTime(record);
  const watched = sentBetween(record, silentAt + noticeMs - record.startedAt, watchedUntil - record.startedAt);
  const failed = watched.filter(hasFailed);
  requireThat(failed.length === 0, {
    kind: 'requests failed',
    did,
    saw: `${since}, ${failed.length} of ${watched.length} GETs failed: ${outcomes(failed)}`,
    expected: `no GET that fails, ${since}`,
    why: 'A machine that is silent is no more use than a dead one. It takes a time-out to tell, and another machine to ask.',
    machine: 'lb',
    timeline,
  });
  const sinceMs = silentAt - record.startedAt;
  const latestMs = sinceMs + noticeMs + longestMs;
  const waiting = sentBetween(record, sinceMs, sinceMs + noticeMs).filter(({ endedAt }) => endedAt > latestMs);
  requireThat(waiting.length === 0, {
    kind: 'requests failed',
    did,
    saw: `${waiting.length} GETs of the first ${noticeMs / 1_000} s were still without an answer ${(noticeMs + longestMs) / 1_000} s after it fell silent; in the end they got ${outcomes(waiting)}`,
    expected: 'answers to them from other machines',
    why: 'To send nobody there any more is half of it. Those who are there already wait for nothing.',
    machine: 'lb',
    timeline,
  });
  const slow = watched.filter((request) => msOf(request) > slowMs);
  const longest = Math.max(0, ...watched.map(msOf));
  requireThat(longest <= longestMs, {
    kind: 'too slow',
    did,
    saw: `${since}, a GET took ${(longest / 1_000).toFixed(1)} s`,
    expected: `none over ${longestMs / 1_000} s`,
    why: 'Whoever still waits for the silent machine waits for nothing.',
    machine: 'lb',
    timeline,
  });
  requireThat(slow.length <= watched.length / 100, {
    kind: 'too slow',
    did,
    saw: `${since}, ${slow.length} of ${watched.length} GETs took over ${slowMs} ms`,
    expected: 'at most 1 % of them',
    why: 'A balancer that tries the silent machine again and again makes somebody wait each time. Let a health check wait, not a person.',
    machine: 'lb',
    timeline,
  });
  requireThat(backAfterMs !== undefined, {
    kind: 'too slow',
    did: `${silent} was paused, and went on`,
    saw: `no request was sent to it within ${backMs / 1_000} s`,
    expected: `requests within ${backMs / 1_000} s`,
    why: 'Machines fall silent for a moment now and then. One that is never let back in is lost.',
    machine: 'lb',
    timeline,
  });
  await Promise.all(lost.answers);
  requireNoneTwice(lost.captions, await captionsInFeed(ada), `People posted photos. ${silent} stored some of them and fell silent before its answers had come, and went on ${(noticeMs + watchedMs) / 1_000} s later`);
}

/** All machines are well. It is the person who takes time, and no time-out for machines may count that. */
async function aSlowPhoneIsNoSilentMachine(ada: User, aWhile: () => Promise<void>): Promise<void> {
  const caption = 'Sent from a train';
  const upload = await ada.beginsUpload(distinct(pictures.png, caption), { caption });
  await upload.sendUpTo(0.5);
  await aWhile();
  upload.sendRest();
  const answer = await upload.answer;
  requireThat(answer.status === 201, {
    kind: answer.silence ? 'no answer' : 'wrong answer',
    did: `Ada posted a photo from a train: half of it, then nothing for ${slowPhoneMs / 1_000} s, then the rest`,
    saw: answer.toString(),
    expected: 'status 201: every machine is well, and the way to her is slow',
    why: 'A time-out is there for machines that say nothing when it is their turn. Here it was the turn of the phone.',
    machine: answer.machine ?? 'lb',
  });
}
