// What the checks of this step have in common: the machines behind the balancer, and what its wires carried to them.

import { Failure, pause, requireStatus, type App, type Crowd, type CrowdRecord, type Timeline, timelineOf, type User, type Answer, until } from 'checker/check';

/** The API machines, `api-1` first: those that are fixed, and however many more there are. */
export function apiMachines(app: App): string[] {
  return [...app.stack.machines.keys()].filter((name) => /^api-\d+$/.test(name)).sort((one, other) => one.localeCompare(other, 'en', { numeric: true }));
}

/** How much each API machine has answered to lb since the last `forgetTraffic`, in bytes. */
export function trafficFromLb(app: App): Map<string, number> {
  return new Map(
    apiMachines(app).map((name) => [name, app.stack.wiresBetween('lb', name).reduce((sum, wire) => sum + wire.seen().answeredBytes, 0)]),
  );
}

/** Waits until lb sends people's requests to a machine, by sending some. @returns after how many milliseconds; undefined when it did not in time. */
export async function untilInRotation(who: User, machine: string, timeoutMs: number): Promise<number | undefined> {
  const startedAt = performance.now();
  while (performance.now() - startedAt < timeoutMs) {
    const answers = await Promise.all(Array.from({ length: 6 }, () => who.feed()));
    if (answers.some((answer) => answer.ok && answer.machine === machine)) return performance.now() - startedAt;
    await pause(50);
  }
  return undefined;
}

/** Waits until a machine says at its own address that it is ready. @throws Failure */
export async function untilReadyItself(app: App, machine: string, did: string): Promise<void> {
  await app.untilReady({ machine, did, why: 'A machine that does not say that it is ready gets no users.' });
}

/** Waits until every API machine gets requests: what happens next is to happen to all of them. @throws Failure */
export async function untilAllServe(app: App, who: User): Promise<void> {
  for (const machine of apiMachines(app)) {
    await untilReadyItself(app, machine, `${machine} was started`);
    if ((await untilInRotation(who, machine, 10_000)) !== undefined) continue;
    const last = await who.feed();
    requireStatus(last, 200, { did: 'The stack was started, and somebody opened the feed', why: 'All requests come through lb.' });
    throw new Failure({
      kind: 'wrong answer',
      did: `The stack was started, every machine said that it is ready, and somebody opened the feed again and again for 10 s`,
      saw: `no answer from ${machine}; the last one from ${last.machine ?? 'a machine that does not say its name in X-Served-By'}`,
      expected: `answers from ${apiMachines(app).join(', ')}, each with its name in X-Served-By`,
      why: 'A machine that gets no requests is no help.',
      machine: 'lb',
    });
  }
}

/** Waits until a request has been answered, or for a while until its app has waited for a lock. @returns the answer, if there was one. */
export async function answeredOrWaiting(app: App, asked: Promise<Answer>): Promise<Answer | undefined> {
  let answer: Answer | undefined;
  void asked.then((came) => (answer = came));
  let waitsSince: number | undefined;
  const isSettled = async (): Promise<boolean> => {
    waitsSince = (await app.database().waiting()).length > 0 ? (waitsSince ?? performance.now()) : undefined;
    return waitsSince !== undefined && performance.now() - waitsSince > 300;
  };
  await until('an answer, or a lock to be waited for', async () => answer !== undefined || (await isSettled()), { timeoutMs: 3_000, everyMs: 5 }).catch(() => undefined);
  return answer;
}

/** Many who open the feed at the same moment. */
export async function rushOf(app: App, people: readonly User[]): Promise<Crowd> {
  const rush = app.crowd({ perSecond: 1_000, people, does: (who) => who.feed() });
  await rush.for(15);
  rush.disperse();
  return rush;
}

/** What several crowds saw, with a row for every API machine. */
export function timelineOfApis(app: App, ...records: readonly CrowdRecord[]): Timeline {
  return timelineOf(records, { machines: apiMachines(app) });
}
