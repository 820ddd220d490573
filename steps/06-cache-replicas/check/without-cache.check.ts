import { Chronicle, exercise, hasFailed, msOf, NotRun, outcomes, pause, requireOnTime, requireThat, until, type App, type CommandSeen, type CrowdRecord, type User, type Witness } from 'checker/check';
import { longCaption } from './late-fill.ts';
import { apis, requireRedis, timelineOfApis } from './machines.ts';
import { asksWhileAway, hearsAfterwards, requireNoQueue } from './offline-queue.ts';
import { outages, type Outage } from './outages.ts';
import { onQuickComputer, pulseOf, unlessTooBusy } from './quick-computer.ts';
import { Company, looksEverywhere, requireAnswered, requireKept } from './witnesses.ts';

const perSecond = 60;
const slowMs = 1_000;
/** More than is promised: of so few people, one of a hundred is one whom this computer kept waiting. */
const slowShare = 0.05;
const backMs = 5_000;
/** So many answers out of the cache are no accident. */
const someHits = 5;
/** How late the crowd itself may be. */
const lateMs = 400;

interface Cast {
  app: App;
  chronicle: Chronicle;
  ada: Witness;
  /** Logged in since before all of it. */
  bob: User;
  photo: string;
  company: Company;
  /** What the cache is told when it is back, by outage. */
  queues: Map<string, CommandSeen[]>;
}

export default exercise(async ({ description, start, timed }) => {
  requireRedis(description);
  const app = await start();
  const chronicle = new Chronicle(app);
  const [bob, ada, ...writers] = await Promise.all([app.member('bob'), ...['ada', 'cleo', 'dan', 'eve'].map((name) => chronicle.member(name))]);
  const photos = await Promise.all([ada, ...writers].map((who) => who!.posts(longCaption(`By ${who!.name}`))));
  const [photo, ...others] = photos.flatMap((id) => id ?? []);
  if (ada === undefined || photo === undefined) return requireAnswered(chronicle.writes, 'Ada and others posted photos');
  await timed(async () => {
    const readers = Array.from({ length: 6 }, (_, index) => chronicle.visitor(`Reader ${index + 1}`));
    const company = new Company({ writers, readers, photos: others });
    const busy: (NotRun | undefined)[] = [];
    const queues: Cast['queues'] = new Map();
    try {
      await onQuickComputer(app, async () => {
        for (const outage of outages) busy.push(await livesThrough(outage, { app, chronicle, ada, bob, photo, company, queues }));
        await requireNoQueue(app, queues);
      });
      await company.leaves();
    } finally {
      company.disperse();
    }
    requireKept(chronicle, { scene: 'cache was away, and came back' });
    // What was seen may be right; whether anybody waited for long is not known of a computer that was too busy.
    const reason = busy.find((reason) => reason !== undefined);
    if (reason) throw reason;
  });
});

/** @returns a reason why the crowd could not be judged */
async function livesThrough(outage: Outage, { app, chronicle, ada, bob, photo, company, queues }: Cast): Promise<NotRun | undefined> {
  const [reads, writes] = [chronicle.reads.length, chronicle.writes.length];
  const pulse = pulseOf(app);
  const crowd = app.crowd({ perSecond, people: Array.from({ length: 4 }, () => app.visitor()), does: (who) => who.feed() });
  // What is in the cache now is old when it comes back.
  await Promise.all(apis.map((machine) => looksEverywhere(chronicle.visitor(`Visitor at ${machine}`), photo, [machine])));
  crowd.mark(outage.told);
  await outage.begins(app);
  const likes = ada.likes(photo, 'api-2').then(() => looksEverywhere(ada, photo));
  const asks = outage.lastsMs > slowMs ? pause(slowMs).then(() => asksWhileAway(app)) : undefined;
  // Whoever waits for them is told.
  for (const begun of [likes, asks]) begun?.catch(() => undefined);
  await company.goesOn(outage.lastsMs);
  crowd.mark('it is over');
  await outage.ends(app);
  const heard = asks && hearsAfterwards(app);
  heard?.catch(() => undefined);
  await Promise.all([likes, asks]);
  await ada.unlikes(photo, 'api-3');
  await looksEverywhere(ada, photo);
  const isUsed = !outage.isAway || (await usedAgain(app));
  const record = await crowd.leaves();

  const busy = await unlessTooBusy(pulse, () => requireServed(record, outage));
  requireAnswered([...chronicle.reads.slice(reads), ...chronicle.writes.slice(writes)], `${outage.told}, and people went on reading and writing`);
  const me = await bob.me();
  requireThat(me.status === 200, {
    did: `Bob logged in; ${outage.told}, and Bob asked who he is`,
    saw: me.toString(),
    expected: 'status 200: he is still logged in',
    why: 'What is in a cache may be gone at any moment. Nobody should have to log in again because of that.',
    machine: me.machine,
  });
  requireThat(isUsed, {
    kind: 'too slow',
    did: `${outage.told}, and came back`,
    saw: `no more than ${someHits} answers out of the cache within ${backMs / 1_000} s, though people read the feed all the time`,
    expected: `a cache that is used again within ${backMs / 1_000} s`,
    why: 'Whoever gives up for good has lost the cache to the first hiccup.',
    timeline: timelineOfApis(record),
  });
  requireKept(chronicle, { scene: `${outage.told}, and came back` });
  if (heard) queues.set(outage.told, await heard);
  return busy;
}

/** Whether what is asked of the cache is found there, soon. */
async function usedAgain(app: App): Promise<boolean> {
  const hits = async (): Promise<number> => Number((await app.redis('cache').info())['keyspace_hits'] ?? 0);
  const before = await hits();
  return until('the cache to be used', async () => (await hits()) - before > someHits, { timeoutMs: backMs, everyMs: 50 }).then(() => true, () => false);
}

function requireServed(record: CrowdRecord, { told }: Outage): void {
  const failed = record.requests.filter(hasFailed);
  const timeline = timelineOfApis(record);
  requireThat(failed.length === 0, {
    kind: 'requests failed',
    did: `${told}, and people opened the feed`,
    saw: `${failed.length} of ${record.requests.length} GETs failed: ${outcomes(failed)}`,
    expected: 'the feed, from a database',
    why: 'A cache holds copies. Without it all is still there, only not as quick.',
    timeline,
  });
  requireOnTime(record, lateMs);
  const slow = record.requests.filter((request) => msOf(request) > slowMs);
  requireThat(slow.length <= slowShare * record.requests.length, {
    kind: 'too slow',
    did: `${told}, and people opened the feed`,
    saw: `${slow.length} of ${record.requests.length} GETs took over ${slowMs / 1_000} s, the longest ${(Math.max(...slow.map(msOf)) / 1_000).toFixed(1)} s`,
    expected: `99 of 100 in less than ${slowMs / 1_000} s`,
    why: 'Whoever waits for a cache that says nothing waits longer than without one. It takes a time-out, and a memory of it.',
    timeline,
  });
}
