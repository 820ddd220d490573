// Right in another way, in 80 lines: of two machines at random the less busy one, and no health checks as long as all is
// well. Who fails is out, and is asked by a probe, not by people, until it is ready again.

import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream';

class Machine {
  readonly #url: URL;
  readonly #agent = new http.Agent({ keepAlive: true, timeout: 2_000 });
  busy = 0;
  out = false;

  constructor(url: string) {
    this.#url = new URL(url);
  }

  /** Fulfilled when the head of an answer is there. */
  ask(req: IncomingMessage, res: ServerResponse, isRead: boolean, timeout: number): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const headers = { ...req.headers, 'x-forwarded-for': req.socket.remoteAddress };
      delete headers.connection;
      const request = http.request(this.#url, { method: req.method, path: req.url, headers, timeout, agent: isRead && this.#agent });
      this.busy += 1;
      request.on('close', () => (this.busy -= 1));
      request.on('timeout', () => request.destroy(new Error('silent')));
      request.on('error', reject);
      request.on('response', (answer) => {
        request.setTimeout(0);
        resolve(answer);
      });
      res.on('close', () => request.destroy());
      if (isRead) request.end();
      else request.on('socket', (socket) => socket.on('connect', () => req.pipe(request)));
    });
  }

  /** Out of the rotation until a probe says that it is ready. */
  async fail(): Promise<void> {
    if (this.out) return;
    this.out = true;
    while (this.out) {
      const probe = fetch(new URL('/readyz', this.#url), { signal: AbortSignal.timeout(1_000) });
      this.out = await probe.then(({ ok }) => !ok, () => true);
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  }
}

const machines = (process.env.UPSTREAMS ?? '').split(',').map((url) => new Machine(url));

function anyOf(candidates: Machine[]): Machine | undefined {
  const one = candidates[Math.floor(Math.random() * candidates.length)];
  const other = candidates[Math.floor(Math.random() * candidates.length)];
  return one && other && other.busy < one.busy ? other : one;
}

async function serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
  const isRead = req.method === 'GET' || req.method === 'HEAD' || req.method === 'OPTIONS';
  const left = new Set(machines);
  for (;;) {
    const machine = anyOf([...left].filter(({ out }) => !out));
    if (!machine) return void res.writeHead(503, { 'retry-after': '1' }).end('No machine is there.');
    left.delete(machine);
    try {
      const answer = await machine.ask(req, res, isRead, isRead && left.size > 0 ? 450 : 20_000);
      // A machine that is about to stop says so with each answer.
      if (answer.headers.connection === 'close') void machine.fail();
      const headers = { ...answer.headers };
      delete headers.connection;
      return pipeline(answer, res.writeHead(answer.statusCode ?? 502, headers), () => {});
    } catch (error) {
      if (res.destroyed) return;
      void machine.fail();
      const refused = error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED';
      if (!isRead && !refused) return void res.writeHead(502).end('The machine broke off.');
    }
  }
}

http.createServer((req, res) => void serve(req, res)).listen(Number(process.env.PORT), process.env.HOST);
