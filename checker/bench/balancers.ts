// The reference balancer of step 4 beside nginx and npm's http-proxy, on the same upstreams.

import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { repository } from '../src/run/repository.ts';
import { Arena, type Asking } from './arena/arena.ts';
import { compare, measureRivals, rates } from './arena/rivals.ts';
import { note } from './measure.ts';

const reference = path.join(repository, 'steps/04-load-balancer/solution/src');
/** As it stands in the docs. */
const nginxFile = path.join(repository, 'checker/test/alternatives/04/nginx-balancer/nginx.conf');
const httpProxy = fileURLToPath(new URL('balancers', import.meta.url));

const asking: Asking = { paths: ['/api/photos?limit=20'], headers: { Authorization: 'Bearer 0123456789abcdef' } };

export async function balancers(): Promise<void> {
  const arena = await Arena.open();
  try {
    const upstreams = [await arena.origin(), await arena.origin(), await arena.origin()];
    const env = { MACHINE_NAME: 'lb', UPSTREAMS: upstreams.map(({ port }) => `http://127.0.0.1:${port}`).join(',') };
    const rivals = [
      await arena.node([reference], 'balancer.ts', env),
      await arena.nginx(nginxFile, { SERVERS: upstreams.map(({ port }) => `server 127.0.0.1:${port} max_fails=1 fail_timeout=3s;`).join(' ') }),
      await arena.node([httpProxy], 'http-proxy.ts', env),
    ];
    const [ours = [], nginx = [], proxy = []] = await measureRivals(arena, rivals, asking);
    note('the reference balancer against nginx: requests a second on one core', 'at least 0.33', rates(ours, nginx));
    const { ratio, values } = compare(ours, nginx, 'p99Ms', 2);
    note('… 99 of 100 answers at half of its rate', 'at most 2 times as long', `${ratio} (${values} ms)`);
    note("the reference balancer against npm's http-proxy: requests a second on one core", 'at least 1.3', rates(ours, proxy));
  } finally {
    await arena.close();
  }
}
