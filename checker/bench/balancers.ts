// The reference balancer of step 4 beside nginx and npm's http-proxy, on the same upstreams.
//
// On a small computer, balancer, crowd and upstreams share the cores, so that the plain rate says as much of the others as of
// the balancer. "On one core" is therefore what a balancer does with a second of processor time; the kernel counts it.

import { Arena, processorSeconds, type Running } from './balancers/arena.ts';
import { median, note } from './measure.ts';

const rounds = 5;
const connections = 30;
const seconds = 3;

interface Measured {
  /** Requests a second, as many as go. */
  rate: number;
  /** Requests in a second of the balancer's processor time. */
  perCore: number;
  /** 99 of 100 answers come within this, at half of its rate. */
  p99Ms: number;
}

export async function balancers(): Promise<void> {
  const arena = await Arena.open();
  try {
    const upstreams = [await arena.node('upstream'), await arena.node('upstream'), await arena.node('upstream')];
    const env = { MACHINE_NAME: 'lb', UPSTREAMS: upstreams.map(({ port }) => `http://127.0.0.1:${port}`).join(',') };
    const rivals = [
      await arena.node('balancer', env),
      await arena.nginx(upstreams.map(({ port }) => `server 127.0.0.1:${port} max_fails=1 fail_timeout=3s;`).join(' ')),
      await arena.node('http-proxy', env),
    ];
    const measured: Measured[][] = rivals.map(() => []);
    for (let round = 0; round < rounds; round += 1) {
      // One after the other and again: whatever else the computer does meets all of them.
      for (const [index, rival] of rivals.entries()) measured[index]?.push(await measure(arena, rival));
    }
    report(measured);
  } finally {
    await arena.close();
  }
}

async function measure(arena: Arena, rival: Running): Promise<Measured> {
  const before = processorSeconds(rival);
  const saturated = await arena.crowd(rival.port, connections, seconds);
  const perCore = saturated.done / (processorSeconds(rival) - before);
  const rate = saturated.counted / seconds;
  const halved = await arena.crowd(rival.port, connections, seconds, rate / 2);
  const failed = saturated.failed + halved.failed;
  if (failed > 0) throw new Error(`${failed} requests failed on port ${rival.port}.`);
  return { rate, perCore, p99Ms: halved.p99Ms };
}

function report([reference = [], nginx = [], httpProxy = []]: Measured[][]): void {
  const compare = (others: Measured[], what: keyof Measured, digits: number): { ratio: string; values: string } => {
    const [ours, theirs] = [reference, others].map((runs) => median(runs.map((run) => run[what])));
    return { ratio: (ours! / theirs!).toFixed(2), values: `${ours!.toFixed(digits)} and ${theirs!.toFixed(digits)}` };
  };
  const rates = (name: string, wanted: string, others: Measured[]): void => {
    const { ratio, values } = compare(others, 'perCore', 0);
    note(`the reference balancer against ${name}: requests a second on one core`, wanted, `${ratio} (${values}; plain rates ${compare(others, 'rate', 0).values})`);
  };
  rates('nginx', 'at least 0.33', nginx);
  const { ratio, values } = compare(nginx, 'p99Ms', 2);
  note('… 99 of 100 answers at half of its rate', 'at most 2 times as long', `${ratio} (${values} ms)`);
  rates("npm's http-proxy", 'at least 1.3', httpProxy);
}
