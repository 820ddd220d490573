import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { builtPages, preparePages, stateOfPages } from '../pages/build.ts';
import { servePages } from '../pages/server.ts';
import { KeptFile } from '../run/kept/kept-file.ts';
import { paint } from '../run/reports/paint.ts';
import { ExitCode } from './exit.ts';
import { interruption } from './interrupt.ts';

const usualPort = 3210;
const kept = new KeptFile('pages', 1);

/** `npm start`: the workshop's pages, on one free port of the loopback address. */
export async function start({ port }: { port?: number }): Promise<number> {
  const signal = interruption('Bye.');
  if (!(await preparePages(signal))) return signal.aborted ? ExitCode.interrupted : ExitCode.failed;
  if (signal.aborted) return ExitCode.interrupted;
  const pages = await servePages(builtPages, stateOfPages());
  const wanted = port === undefined ? [usualPort, await lastPort(), 0] : [port];
  const address = await listen(pages.server, wanted);
  if (!address) {
    console.error(`Port ${String(port)} is taken. Leave --port out to get a free one.`);
    return ExitCode.failed;
  }
  await kept.update((content) => ({ ...content, port: address.port })).catch(() => undefined);
  console.log(`\n  Read the workshop at  ${paint.bold(`http://localhost:${address.port}`)}\n\n  Ctrl-C ends it. In another terminal: npm run check\n`);
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await pages.close();
  return ExitCode.ok;
}

/** Where the pages were the last time: a page that is still open finds them there again. */
async function lastPort(): Promise<number> {
  const port = (await kept.read())?.['port'];
  return typeof port === 'number' && Number.isInteger(port) && port > 0 && port < 65_536 ? port : 0;
}

async function listen(server: Server, ports: readonly number[]): Promise<AddressInfo | undefined> {
  for (const port of ports) {
    const listens = await new Promise<boolean>((resolve) => {
      const fail = (): void => resolve(false);
      server.once('error', fail);
      server.listen(port, '127.0.0.1', () => {
        server.off('error', fail);
        resolve(true);
      });
    });
    if (listens) return server.address() as AddressInfo;
  }
  return undefined;
}
