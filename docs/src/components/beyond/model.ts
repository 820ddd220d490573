// How full each machine of the sketch is: work that arrives, divided by the work that one machine can do. Round numbers, chosen to
// show where it gives in and not when: `assumptions` says them all. Pure.

export interface Sketch {
  /** How often the feed is asked for, each second. */
  reads: number;
  /** Photos and likes, each second. */
  writes: number;
  /** In the largest table, in millions. */
  millionRows: number;
  /** API machines. */
  apis: number;
  cache: boolean;
  /** Of each shard. */
  replicas: number;
  shards: number;
  partitions: boolean;
  queue: boolean;
}

/** Machines of one kind, of which each has the same to do. */
export interface Load {
  name: string;
  count: number;
  /** 1 is all that they can do. */
  use: number;
  /** How it was worked out, with the numbers of this sketch. */
  formula: string;
}

/** As after step 6. */
export const afterStep6: Sketch = { reads: 2_000, writes: 50, millionRows: 20, apis: 3, cache: true, replicas: 1, shards: 1, partitions: false, queue: false };

/** What one machine can do in a second, and what things cost there. */
const api = { perSecond: 1_000, slowWork: 20 };
/** Of the writes: those whose picture makes slow work. */
const photos = 0.1;
/** There are as many as keep them below `use`: a queue evens peaks out, so they need not be made for one. */
const worker = { perSecond: api.perSecond, use: 0.8 };
const cache = { perSecond: 50_000, hits: 0.95 };
const database = { perSecond: 2_500, write: 4, replay: 2, millionRowsInMemory: 100, fromDisk: 4 };
/** Reads that have to see a change of their reader's, and so go to the primary. */
const ofOwnChanges = 0.1;
/** Reads about several people, which ask every shard. */
const askAllShards = 0.2;
/** Of the table, when it is cut by time: what the newest partition has. */
const newest = 0.1;

export const assumptions = [
  `An API machine serves ${api.perSecond.toLocaleString('en')} requests a second. One write of ${1 / photos} is a photo, and to make its small copies takes as long as ${api.slowWork} requests. With a queue, workers do that instead, and there are always enough of them.`,
  `A database machine answers ${database.perSecond.toLocaleString('en')} feed queries a second, when what they read is in memory. A write costs as much as ${database.write} queries, and to replay one on a replica as much as ${database.replay}.`,
  `The memory of a database machine holds ${database.millionRowsInMemory} million rows. All rows are asked for equally often, and one that is not in memory makes a query cost ${1 + database.fromDisk} times as much. With partitions by month, only the newest tenth of the table is asked for.`,
  `The cache answers ${cache.hits * 100} of 100 reads, and ${cache.perSecond.toLocaleString('en')} a second.`,
  `With replicas, ${ofOwnChanges * 100} of 100 reads still go to the primary: those that have to see a change of their own reader's.`,
  `With several shards, ${askAllShards * 100} of 100 reads are about people on all of them, and cost each shard a query.`,
];

/** Every kind of machine, in the order in which a request meets them. */
export function loadsOf(sketch: Sketch): Load[] {
  const { reads, writes, shards, replicas } = sketch;
  const onDatabase = sketch.cache ? reads * (1 - cache.hits) : reads;
  const perShard = shards === 1 ? onDatabase : onDatabase * ((1 - askAllShards) / shards + askAllShards);
  const onPrimary = replicas === 0 ? perShard : perShard * ofOwnChanges;
  const onReplica = replicas === 0 ? 0 : (perShard - onPrimary) / replicas;
  const slower = slownessOf(sketch);
  const times = slower > 1 ? ` × ${number(slower)} for rows on disk` : '';
  const writesPerShard = writes / shards;

  const slowWork = writes * photos * api.slowWork;
  const perWrite = sketch.queue ? 1 : 1 + photos * api.slowWork;
  const loads: Load[] = [
    {
      name: 'API',
      count: sketch.apis,
      use: (reads + writes * perWrite) / (sketch.apis * api.perSecond),
      formula: `(${number(reads)} reads + ${number(writes)} writes × ${perWrite}) ÷ (${sketch.apis} × ${number(api.perSecond)})`,
    },
  ];
  if (sketch.cache) loads.push({ name: 'cache', count: 1, use: reads / cache.perSecond, formula: `${number(reads)} reads ÷ ${number(cache.perSecond)}` });
  loads.push({
    name: 'primary',
    count: shards,
    use: ((onPrimary + writesPerShard * database.write) * slower) / database.perSecond,
    formula: `(${number(onPrimary)} reads + ${number(writesPerShard)} writes × ${database.write})${times} ÷ ${number(database.perSecond)}`,
  });
  if (replicas > 0) {
    loads.push({
      name: 'replica',
      count: replicas * shards,
      use: ((onReplica + writesPerShard * database.replay) * slower) / database.perSecond,
      formula: `(${number(onReplica)} reads + ${number(writesPerShard)} writes × ${database.replay})${times} ÷ ${number(database.perSecond)}`,
    });
  }
  if (sketch.queue) {
    const count = Math.ceil(slowWork / (worker.perSecond * worker.use));
    const formula = `${number(writes * photos)} photos × ${api.slowWork} ÷ (${count} × ${number(worker.perSecond)})`;
    loads.push({ name: 'worker', count, use: slowWork / (count * worker.perSecond), formula });
  }
  return loads;
}

/** How many times as much a query costs as one whose rows are all in memory. */
function slownessOf({ millionRows, shards, partitions }: Sketch): number {
  const asked = (millionRows / shards) * (partitions ? newest : 1);
  const onDisk = Math.max(0, 1 - database.millionRowsInMemory / asked);
  return 1 + onDisk * database.fromDisk;
}

export function fullest(loads: readonly Load[]): Load {
  return loads.reduce((most, load) => (load.use > most.use ? load : most));
}

/** What has to be lived with, for what is switched on. */
export function costsOf({ cache: hasCache, replicas, shards, partitions, queue }: Sketch): string[] {
  return [
    ...(hasCache ? ['Cache: an answer may be old, and it must be said how old.'] : []),
    ...(replicas > 0 ? ['Replicas: they lag, and every one of them replays every write.'] : []),
    ...(partitions ? ['Partitions: a query that does not name the month looks into all of them.'] : []),
    ...(shards > 1 ? ['Shards: a unique index has to contain the key, a query for all of them waits for the slowest, and the key is hard to change.'] : []),
    ...(queue ? ['Queue: the small copies come later, and may be made twice.'] : []),
  ];
}

/** As people read it: 2,000, 0.5. */
export function number(value: number): string {
  return value.toLocaleString('en', { maximumSignificantDigits: value >= 100 ? 4 : 2 });
}
