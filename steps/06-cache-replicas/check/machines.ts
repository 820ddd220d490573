// The machines of this step as its checks rely on them, and the way from the API to its databases.

import { machinesWith, requireThat, timelineOf, type App, type CrowdRecord, type StackDescription, type Timeline } from 'checker/check';

/** The API machines. */
export const apis = ['api-1', 'api-2', 'api-3'] as const;

/** @throws Failure when `cache` hosts no Redis */
export function requireRedis(description: StackDescription): void {
  requireThat(machinesWith(description, 'redis').includes('cache'), {
    kind: 'wrong stack',
    did: 'The machines of stack.ts were looked at',
    saw: 'no Redis on cache',
    expected: "machine('cache').redis()",
    why: 'A cache that all machines share is a machine of its own.',
  });
}

/** @throws Failure when `replica` follows no database */
export function requireStandby({ machines }: StackDescription): void {
  const services = machines.find(({ name }) => name === 'replica')?.services ?? [];
  requireThat(services.some((service) => service.kind === 'postgres' && service.replicaOf === 'db'), {
    kind: 'wrong stack',
    did: 'The machines of stack.ts were looked at',
    saw: 'no standby of db on replica',
    expected: "machine('replica').postgres({ replicaOf: db }), where db is the machine or what its postgres() returned",
    why: 'A copy of the database can be read while the first has its hands full.',
  });
}

/** As a restart would. Where there is no cache, there is nothing to do. */
export async function emptyCache(app: App): Promise<void> {
  if (machinesWith(app.stack.description, 'redis').includes('cache')) await app.redis('cache').empty();
}

/** Makes the way from API machines to the databases longer, by this much in each direction. */
export function fartherAway(app: App, ms: number, machines: readonly string[] = apis): void {
  for (const wire of wiresToDatabases(app, machines)) wire.delay(ms);
}

/** Every wire from API machines to a database that they know; to these, if it is said which. */
export function wiresToDatabases(app: App, machines: readonly string[] = apis, nodes: readonly string[] = ['db', 'replica']): ReturnType<App['wire']>[] {
  return machines.flatMap((machine) => nodes.flatMap((node) => app.stack.wiresBetween(machine, node)));
}

/** What several crowds saw, with a row for every API machine. */
export function timelineOfApis(...records: readonly CrowdRecord[]): Timeline {
  return timelineOf(records, { machines: apis });
}
