// A computer that has no time for these machines makes them break promises that they keep otherwise: whoever waits for a database
// in vain shows what there is. So before anybody is blamed, the machines are asked something that costs nothing.

import { Failure, msOf, NotRun, percentile, type App, type Crowd } from 'checker/check';
import { apis } from './machines.ts';

const times = 3;
/** Ten times what it takes. */
const slowMs = 40;
const slowPulseMs = 80;
const pulsePerSecond = 15;

/** Does what a check does. @throws what that throws; NotRun in the place of a Failure that was seen on a computer which is too busy */
export async function onQuickComputer(app: App, section: () => Promise<void>): Promise<void> {
  try {
    await section();
  } catch (error) {
    if (error instanceof Failure && (await medianMs(app)) > slowMs) throw tooBusy();
    throw error;
  }
}

/** Asks the machines for as long as something goes on: a pulse, for `unlessTooBusy`. */
export function pulseOf(app: App): Crowd {
  return app.crowd({ perSecond: pulsePerSecond, people: apis.map((machine) => app.visitor('visitor', machine)), does: (who) => who.client.send({ url: '/livez' }) });
}

/** @throws what `judge` throws @returns NotRun in its place when one in ten waited for what costs nothing: other things may still be judged */
export async function unlessTooBusy(pulse: Crowd, judge: () => void): Promise<NotRun | undefined> {
  const { requests } = await pulse.leaves();
  try {
    judge();
  } catch (error) {
    if (error instanceof NotRun) return error;
    if (percentile(requests.map(msOf), 90) > slowPulseMs) return tooBusy();
    throw error;
  }
  return undefined;
}

function tooBusy(): NotRun {
  return new NotRun('This computer was too busy to judge it.', 'Close what keeps it busy, then run it again.');
}

/** How long `/livez` takes: no database, no cache, nothing but the way there. A machine that is gone says so at once. */
async function medianMs(app: App): Promise<number> {
  const took: number[] = [];
  for (let time = 0; time < times; time += 1) {
    for (const machine of apis) took.push((await app.visitor('visitor', machine).client.send({ url: '/livez', timeoutMs: 1_000 })).ms);
  }
  return took.sort((one, other) => one - other)[Math.floor(took.length / 2)]!;
}
