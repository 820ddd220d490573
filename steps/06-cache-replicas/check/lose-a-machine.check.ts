import { exercise, requireThat, type App, type User } from 'checker/check';
import { BusyDay, calmMs, requireReads, requireWrites, timelineOf, type Away, type Cast, type DayRecord } from './busy-day.ts';
import { apis, emptyCache, requireStandby } from './machines.ts';
import { idleOf, ranDuring, type Cost } from './statements.ts';
import { costOfFeeds, postsPhotos, UnaskedPages } from './uncached.ts';
import { requireAcknowledged, requireLikesWork, requireRefusals, requireRefusedLikes } from './writes-without-db.ts';

const awayMs = 2_500;
/** How long it may take until everybody knows that a machine is dead, or silent. */
const noticeMs = 1_000;
const silenceMs = 1_500;
const backMs = 5_000;
/** How long we count where reads run, each time we look. */
const lookMs = 300;

export default exercise(async ({ description, start, timed }) => {
  requireStandby(description);
  const app = await start();
  const ada = await app.member('ada');
  const fans = await app.members('fan', 8);
  const photos = await postsPhotos(ada, 12);
  const pages = await UnaskedPages.of(app.visitor());
  const cost = await costOfFeeds(app, await idleOf(app), pages);

  await timed(async () => {
    const day = new BusyDay(app, { fans, photos: photos.slice(6), pages });
    await day.goesOn(calmMs);
    const killed = await withoutReplica(app, day, cost, 'killed');
    const silent = await withoutReplica(app, day, cost, 'paused');
    const record = await day.ends();
    for (const away of [killed, silent]) {
      requireReads(record, away);
      requireWrites(record, away);
      requireBack(record, away);
    }
    // Photos that the fans have not liked yet.
    await withoutDb(app, ada, { fans, photos: photos.slice(0, 6), pages });
  });
});

interface ReplicaAway extends Away {
  /** How long after it was there again most reads ran on it; undefined when they did not. */
  backAfterMs: number | undefined;
}

async function withoutReplica(app: App, day: BusyDay, cost: Cost, how: 'killed' | 'paused'): Promise<ReplicaAway> {
  const replica = app.machine('replica');
  day.mark(`replica ${how}`);
  const fromAt = performance.now();
  if (how === 'killed') await replica.kill();
  else await replica.pause();
  await day.goesOn(awayMs);
  const untilAt = performance.now();
  if (how === 'killed') await replica.start();
  else await replica.resume();
  day.mark('replica is there again');
  const backAfterMs = await untilReadsRunThere(app, day, cost);
  const told = `replica was ${how} while people read and liked${how === 'paused' ? ': it accepts connections, and says nothing' : ''}`;
  return { told, fromAt, untilAt, noticeMs: how === 'killed' ? noticeMs : silenceMs, backAfterMs };
}

async function untilReadsRunThere(app: App, day: BusyDay, cost: Cost): Promise<number | undefined> {
  const startedAt = performance.now();
  while (performance.now() - startedAt < backMs + lookMs) {
    const ran = await ranDuring(app, cost, () => day.goesOn(lookMs));
    // Half as many as on a day without accidents.
    if (ran.replica > (ran.total * cost.onReplica) / 2) return performance.now() - startedAt;
  }
  return undefined;
}

function requireBack(record: DayRecord, { told, backAfterMs }: ReplicaAway): void {
  requireThat(backAfterMs !== undefined, {
    kind: 'too slow',
    did: `${told}, and then was there again`,
    saw: `most pages of the feed that no cache had were read on db, also ${backMs / 1_000} s later`,
    expected: `reads that run on replica again within ${backMs / 1_000} s`,
    why: 'A copy that is never asked again after its first accident is a machine that costs money, and the first database has all the work.',
    timeline: timelineOf(record),
  });
}

async function withoutDb(app: App, ada: User, { fans, photos, pages }: Cast): Promise<void> {
  const told = 'db was killed while people read and liked';
  const day = new BusyDay(app, { fans, photos, pages });
  await day.goesOn(calmMs);
  // What was acknowledged a moment ago is as good as what was acknowledged yesterday.
  await day.rush();
  day.mark('db killed');
  const fromAt = performance.now();
  await app.machine('db').kill();
  await emptyCache(app);
  await day.goesOn(noticeMs);
  await emptyCache(app);
  await Promise.all([day.goesOn(awayMs - noticeMs), requireRefusals(app, ada, photos[0]!, told)]);
  const untilAt = performance.now();
  await app.machine('db').start();
  day.mark('db is there again');
  for (const machine of apis) await requireLikesWork(app, ada, photos[0]!, machine, { timeoutMs: backMs, told });

  const away = { told, fromAt, untilAt, noticeMs };
  const record = await day.ends();
  requireReads(record, away);
  requireRefusedLikes(record, away);
  await requireAcknowledged(app, record, photos);
}
