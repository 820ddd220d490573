// What a standby costs at the start, and what a cache and a replica buy: the feed of step 6 beside that of step 5.

import path from 'node:path';
import { Database } from '../src/check/database.ts';
import { Courtroom } from '../src/run/courtroom.ts';
import { prepareStepFiles, RunningStack, until } from '../src/runtime/index.ts';
import { defineStack } from '../src/stack/index.ts';
import { Arena } from './arena/arena.ts';
import { median, note, runs, seconds } from './measure.ts';
import { solved } from './steps.ts';

const pair = defineStack(({ machine }) => {
  const db = machine('db');
  db.postgres();
  machine('replica').postgres({ replicaOf: db });
  return {};
});

/** From the description of a primary and its standby until a row that was written to the one is seen on the other. */
export async function standbyShows(): Promise<void> {
  const room = await Courtroom.open();
  const files = await prepareStepFiles(await room.run.forStack(), pair, path.join(room.run.path, 'files'));
  const times: number[] = [];
  for (let run = 0; run <= runs; run += 1) {
    const stackFolder = await room.run.forStack();
    const startedAt = performance.now();
    const stack = await RunningStack.start(pair, { files, stackFolder, run: room.run, ports: room.ports });
    const [db, replica] = [new Database(stack, 'db'), new Database(stack, 'replica')];
    await db.query('CREATE TABLE first AS SELECT 1 AS row');
    while ((await replica.query('SELECT FROM first').catch(() => [])).length === 0);
    if (run > 0) times.push(performance.now() - startedAt);
    await Promise.all([db.close(), replica.close()]);
    await stack.stop();
  }
  await room.close();
  note('primary and standby, described to the first row visible on the standby', '0.3 s', seconds(median(times)));
}

/** As after a good day: many people, and each likes what is on the first page. */
const people = 2_000;
const photos = 40;
const connections = 30;
const forSeconds = 4;
const rounds = 3;

/** How often the first page of the feed can be asked for, with step 6's cache against without. */
export async function warmFeed(): Promise<void> {
  // A room each: together they have more ports than one has.
  const rooms = [await Courtroom.open(), await Courtroom.open()] as const;
  const arena = await Arena.open();
  try {
    const without = await startWithPhotos('05-cdn', rooms[0]);
    const warm = await startWithPhotos('06-cache-replicas', rooms[1]);
    const rates: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds; round += 1) {
      for (const [index, stack] of [without, warm].entries()) rates[index]?.push(await feedRate(arena, stack));
    }
    await Promise.all([without.stop(), warm.stop()]);
    const [before, after] = rates.map((each) => median(each)) as [number, number];
    note(`feed requests a second, warm cache, against step 5, with ${people} likes for each photo`, 'at least 5 times', `${(after / before).toFixed(1)} times (${after.toFixed(0)} and ${before.toFixed(0)})`);
  } finally {
    await arena.close();
    await Promise.all(rooms.map((room) => room.close()));
  }
}

async function startWithPhotos(name: string, room: Courtroom): Promise<RunningStack> {
  const stack = await room.startStack(await solved(name, room));
  const db = new Database(stack, 'db');
  await until('the schema to be there', async () => (await db.tables()).includes('public.likes'), { timeoutMs: 10_000 });
  // As on a standby, no trigger runs: nobody has seen anything yet.
  await db.query('SET session_replication_role = replica');
  await db.query(`INSERT INTO users (username, password_hash) SELECT 'fan' || n, '' FROM generate_series(1, $1::int) n`, [people]);
  await db.query(`INSERT INTO photos (user_id, caption, image, created_at) SELECT 1, 'photo ' || n, 'none-' || n, now() - n * interval '1 minute' FROM generate_series(1, $1::int) n`, [photos]);
  await db.query('INSERT INTO likes (photo_id, user_id) SELECT photos.id, users.id FROM photos, users');
  await db.query('VACUUM ANALYZE');
  await db.close();
  const shown = async (): Promise<boolean> => {
    const answer = await fetch(`http://127.0.0.1:${balancerOf(stack)}/api/photos`);
    const { photos: page } = (await answer.json()) as { photos?: { likes: number }[] };
    return page?.length === 20 && page.every(({ likes }) => likes === people);
  };
  await until('the feed to show all of it', shown, { timeoutMs: 10_000 });
  return stack;
}

/** Past the wire of people, which is ours and not the app's. */
function balancerOf(stack: RunningStack): number {
  return stack.machine('lb').services[0]!.port;
}

async function feedRate(arena: Arena, stack: RunningStack): Promise<number> {
  const { counted, failed } = await arena.crowd(balancerOf(stack), { paths: ['/api/photos'] }, connections, forSeconds);
  if (failed > 0) throw new Error(`${failed} requests of the feed failed.`);
  return counted / forSeconds;
}
