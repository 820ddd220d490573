import { availableParallelism } from 'node:os';
import { hasFailed, msOf, outcomes, pain, percentile, photoIn, pictures, timelineOf, type App, type CrowdRecord, type StackDescription } from 'checker/check';

const photos = 12;
const fansOfEach = 40_000;
/** A database uses as many processors as there are: a larger computer needs a larger crowd. */
const refreshesPerSecond = 20 * Math.min(availableParallelism(), 8);
const crowdMs = 6_000;

/** Two hundred fans refresh, and all of them wait for the one database. */
export default pain(async ({ description, start, tell, show }) => {
  const app = await start({ unready: true });
  await app.untilReady({ timeoutMs: 30_000 });
  const ada = await app.member('ada');
  for (let number = 1; number <= photos; number += 1) {
    photoIn(await ada.uploads(pictures.png, { caption: `Photo ${number}` }), 201, { did: 'Ada posted a photo', why: 'There has to be something to look at.' });
  }
  const feedStatements = await statementsOfFeed(app);
  const isFamous = await becomesFamous(app);
  const { ms: aloneMs } = await app.visitor().feed({ limit: 50 });
  tell(
    isFamous
      ? `Ada has become famous: ${fansOfEach.toLocaleString('en-GB')} people like each of her ${photos} photos, and to show the feed they are counted. Somebody who is alone with it waits ${seconds(aloneMs)}.`
      : `Ada would be famous by now, but the tables are not those of the start, so nobody could be made to like her ${photos} photos. Somebody who is alone with the feed waits ${seconds(aloneMs)}.`,
  );

  tell(`She says that there is something new, and 200 fans refresh again and again: ${refreshesPerSecond} times a second, all of them together.`);
  const before = busyOf(app, description);
  await Promise.all(databases(description).map((name) => app.database(name).forgetStatements()));
  const crowd = app.crowd({ perSecond: refreshesPerSecond, people: Array.from({ length: 20 }, () => app.visitor()), does: (who) => who.feed() });
  const startedAt = performance.now();
  await crowd.for(crowdMs);
  const record = await crowd.leaves();
  const ms = performance.now() - startedAt;
  const used = busyOf(app, description);

  show('What they saw:', timelineOf(record, { machines: machinesOfApi(description) }));
  tell(fared(record));
  const queries = await callsOf(app, description, feedStatements);
  tell(`${record.requests.length} refreshes were ${queries} queries of the feed${queries > record.requests.length / 2 ? ', and each of them found the same' : ': enough for everybody'}.`);
  const share = (names: readonly string[]): string => percentOf(names.reduce((sum, name) => sum + (used.get(name) ?? 0) - (before.get(name) ?? 0), 0), ms);
  const parts = databases(description).map((name) => `${name} was busy for ${share([name])} of the time of one processor`);
  tell(`${[...parts, `the machines of the API together for ${share(machinesOfApi(description))}`].join(', ')}.`);
});

/** Ten cold feeds run them ten times; hardly anything else runs as often meanwhile. */
async function statementsOfFeed(app: App): Promise<Set<string>> {
  const times = 10;
  await app.database().forgetStatements();
  for (let limit = 1; limit <= times; limit += 1) await app.visitor().feed({ limit });
  const names = databases(app.stack.description);
  const seen = await Promise.all(names.map((name) => app.database(name).statements()));
  return new Set(seen.flat().filter(({ calls, statement }) => calls >= times && /\bphotos\b/i.test(statement)).map(({ id }) => id));
}

/** Past the API, which would take hours for so many. @returns false where the tables are others than those of the start */
async function becomesFamous(app: App): Promise<boolean> {
  const db = app.database();
  try {
    // Without a look at each row whether its photo and its user exist, and without triggers.
    await db.query("SET session_replication_role = 'replica'");
    await db.query("INSERT INTO users (username, password_hash) SELECT 'fan-' || n, '' FROM generate_series(1, $1::int) AS n", [fansOfEach]);
    await db.query("INSERT INTO likes (photo_id, user_id) SELECT photos.id, users.id FROM photos CROSS JOIN users WHERE username LIKE 'fan-%'");
  } catch {
    return false;
  } finally {
    await db.query('RESET session_replication_role');
  }
  const position = await db.position();
  for (const name of databases(app.stack.description)) await app.database(name).untilAt(position, { timeoutMs: 30_000 });
  return true;
}

async function callsOf(app: App, description: StackDescription, statements: ReadonlySet<string>): Promise<number> {
  const seen = await Promise.all(databases(description).map((name) => app.database(name).statements()));
  return seen.flat().reduce((sum, { id, calls }) => sum + (statements.has(id) ? calls : 0), 0);
}

/** What each machine has used of a processor so far, in milliseconds. */
function busyOf(app: App, { machines }: StackDescription): Map<string, number> {
  return new Map(machines.map(({ name }) => [name, app.machine(name).cpuMs()]));
}

function databases({ machines }: StackDescription): string[] {
  return machines.filter(({ services }) => services.some(({ kind }) => kind === 'postgres')).map(({ name }) => name);
}

function machinesOfApi({ machines }: StackDescription): string[] {
  return machines.map(({ name }) => name).filter((name) => /^api(-\d+)?$/.test(name));
}

function fared({ requests }: CrowdRecord): string {
  const times = requests.map(msOf);
  const failed = requests.filter(hasFailed).length;
  const refused = failed === 0 ? '' : ` ${Math.round((100 * failed) / requests.length)} % of them got no feed.`;
  return `${outcomes(requests)}. Half of them took longer than ${seconds(percentile(times, 50))}, one of a hundred longer than ${seconds(percentile(times, 99))}.${refused}`;
}

function percentOf(usedMs: number, ms: number): string {
  return `${Math.round((100 * usedMs) / ms)} %`;
}

function seconds(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}
