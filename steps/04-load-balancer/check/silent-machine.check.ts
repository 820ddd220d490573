import { exercise, hasFailed, msOf, outcomes, photoIn, pictures, requireOnTime, requireThat, sentBetween, type App } from 'checker/check';
import { timelineOfApis, untilAllServe, untilInRotation } from './behind.ts';

const silent = 'api-2';
/** How long the balancer may take to notice. */
const noticeMs = 2_000;
const watchedMs = 4_000;
const slowMs = 500;
const longestMs = 2_000;
const backMs = 5_000;

export default exercise(async ({ start, timed }) => {
  const app = await start();
  const ada = await app.member('ada');
  photoIn(await ada.uploads(pictures.png), 201, { did: 'Ada posted a photo', why: 'There has to be something to look at.' });
  await untilAllServe(app, app.visitor());
  await timed(() => pausedUnderLoad(app));
});

async function pausedUnderLoad(app: App): Promise<void> {
  const readers = app.crowd({ perSecond: 80, people: Array.from({ length: 8 }, () => app.visitor()), does: (who) => who.feed() });
  await readers.for(500);
  const pausedAt = performance.now() - readers.startedAt;
  readers.mark(`${silent} paused`);
  app.machine(silent).pause();
  await readers.for(noticeMs + watchedMs);
  const watchedUntil = performance.now() - readers.startedAt;
  app.machine(silent).resume();
  readers.mark(`${silent} goes on`);
  const backAfterMs = await untilInRotation(app.visitor(), silent, backMs);
  const record = await readers.leaves();
  const timeline = timelineOfApis(app, record);
  const did = `${silent} was paused under load: it accepts connections, and says nothing`;
  const since = `from ${noticeMs / 1_000} s after it on`;

  const watched = sentBetween(record, pausedAt + noticeMs, watchedUntil);
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
  requireOnTime(record);
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
    did: `${silent} was paused, and went on`,
    saw: `no request was sent to it within ${backMs / 1_000} s`,
    expected: `requests within ${backMs / 1_000} s`,
    why: 'Machines fall silent for a moment now and then. One that is never let back in is lost.',
    machine: 'lb',
    timeline,
  });
}
