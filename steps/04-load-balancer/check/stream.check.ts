import { createHash } from 'node:crypto';
import type http from 'node:http';
import { pipeline, Readable } from 'node:stream';
import { Download, exercise, requireThat, until, type App, type StandIn } from 'checker/check';
import { trafficFromLb } from './behind.ts';

const megabyte = 1024 * 1024;
const bodyMegabytes = 256;
/** Node.js 20 takes some 45 for what passes through, Node.js 24 up to 90. */
const mostMegabytes = 128;
/** How soon the request behind has to end. */
const endMs = 3_000;
const lookEveryMs = 30;
/** How long nothing is taken: longer than the first byte of an answer may take, which is no time for all of it. */
const stillMs = 1_500;

export default exercise(async ({ start, description }) => {
  const upstream = new LargeUpstream();
  const names = description.machines.map(({ name }) => name).filter((name) => /^api-\d+$/.test(name));
  const app = await start({ standIns: Object.fromEntries(names.map((name) => [name, upstream.standIn])) });
  await aLargeBodyPasses(app, upstream);
  await theOneBehindIsTold(app, upstream);
});

/** Stands in the place of every API machine: its answers are larger than any memory should have to hold. */
class LargeUpstream {
  readonly standIn: StandIn = { http: (request, response) => this.#answer(request, response) };
  readonly #chunk = Buffer.alloc(megabyte, 'graminsta');
  /** Requests for the endless answer that are under way. */
  endless = 0;

  get digest(): string {
    const hash = createHash('sha256');
    for (let sent = 0; sent < bodyMegabytes; sent += 1) hash.update(this.#chunk);
    return hash.digest('hex');
  }

  #answer(request: http.IncomingMessage, response: http.ServerResponse): void {
    request.resume();
    if (request.url?.startsWith('/api/large')) {
      response.setHeader('content-length', bodyMegabytes * megabyte);
      this.#send(response, bodyMegabytes);
    } else if (request.url?.startsWith('/api/endless')) {
      this.endless += 1;
      response.once('close', () => (this.endless -= 1));
      this.#send(response, Infinity);
    } else {
      response.setHeader('content-type', 'application/json');
      response.end('{"status":"ready","photos":[],"next":null}');
    }
  }

  /** As fast as it is taken. */
  #send(response: http.ServerResponse, megabytes: number): void {
    const chunk = this.#chunk;
    const body = function* (): Generator<Buffer> {
      for (let sent = 0; sent < megabytes; sent += 1) yield chunk;
    };
    pipeline(Readable.from(body()), response, () => undefined);
  }
}

async function aLargeBodyPasses(app: App, upstream: LargeUpstream): Promise<void> {
  const lb = app.machine('lb');
  const before = lb.memoryBytes();
  let peak = before;
  const look = (): void => void (peak = Math.max(peak, lb.memoryBytes()));
  const did = `A machine answered with ${bodyMegabytes} MB, and the one who asked for it read slowly`;
  const download = await begin(app, '/api/large', did);

  // Nothing is read for a while: what keeps flowing meanwhile is kept by lb.
  let carried = -1;
  let still = 0;
  await until(
    'lb to stop taking more',
    () => {
      look();
      const now = [...trafficFromLb(app).values()].reduce((sum, bytes) => sum + bytes, 0);
      // Health checks go on all the time.
      still = now - carried < megabyte / 32 ? still + 1 : 0;
      carried = now;
      return still * lookEveryMs >= stillMs;
    },
    { timeoutMs: 15_000, everyMs: lookEveryMs },
  ).catch(() => undefined);
  const watch = setInterval(look, 50);
  const { bytes, digest, broken } = await download.rest();
  clearInterval(watch);
  download.leaves();

  requireThat(broken === undefined && digest === upstream.digest, {
    kind: broken === undefined || broken === 'the connection was closed' ? 'wrong answer' : 'too slow',
    did,
    saw: broken === undefined ? `${bytes} bytes, and not those that the machine sent` : `${Math.round(bytes / megabyte)} MB, then ${broken}`,
    expected: `all ${bodyMegabytes} MB, as they were sent`,
    why: 'Slow readers are most of the people with phones.',
    machine: 'lb',
  });
  const grown = (peak - before) / megabyte;
  requireThat(grown <= mostMegabytes, {
    did,
    saw: `lb took ${Math.round(grown)} MB more of memory`,
    expected: `no more than ${mostMegabytes} MB`,
    why: 'Whoever reads faster than they pass on keeps the difference. With a hundred slow readers that is all the memory there is.',
    machine: 'lb',
  });
}

async function theOneBehindIsTold(app: App, upstream: LargeUpstream): Promise<void> {
  const did = 'Somebody left in the middle of an answer';
  const download = await begin(app, '/api/endless', 'Somebody asked for an answer that has no end');
  await download.takesSome();
  download.leaves();
  const ended = await until('the request behind to end', () => upstream.endless === 0, { timeoutMs: endMs }).then(() => true, () => false);
  requireThat(ended, {
    kind: 'too slow',
    did,
    saw: `the request from lb to the machine was still there after ${endMs / 1_000} s`,
    expected: 'an end to it',
    why: 'A machine that works for people who have left has no time for those who are there.',
    machine: 'lb',
  });
  const next = await app.visitor().client.send({ url: '/api/photos' });
  requireThat(next.status === 200, {
    kind: next.silence ? 'no answer' : 'wrong answer',
    did: `${did}, and another came`,
    saw: next.toString(),
    expected: 'status 200',
    why: 'One who leaves must not take the balancer along.',
    machine: 'lb',
  });
}

async function begin(app: App, path: string, did: string): Promise<Download> {
  const download = await Download.begin(app.stack.entrance('api').url + path);
  requireThat(download !== undefined && download.status === 200, {
    kind: download ? 'wrong answer' : 'no answer',
    did,
    saw: download ? `GET ${path} → ${download.status}` : `GET ${path} → no answer`,
    expected: 'the beginning of the answer of the machine, as it comes',
    why: 'Whoever waits for the end before passing anything on makes everybody wait, and has to keep it all.',
    machine: 'lb',
  });
  return download;
}
