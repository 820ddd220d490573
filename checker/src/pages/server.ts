// The built pages, on the loopback address, with the learner's own progress on them: each page is served with the
// present state inside, and an event stream tells what changes.

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import path from 'node:path';
import express, { type Request, type Response } from 'express';
import { takeSnapshot, watchKept, type Snapshot } from './snapshot.ts';

export interface PagesServer {
  server: Server;
  close(): Promise<void>;
}

/** How soon a page that lost the server looks for it again, in milliseconds. */
const retryMs = 500;
const heartbeatMs = 15_000;

/** @param built the folder with the pages; @param pages changes when they are built anew */
export async function servePages(built: string, pages: string): Promise<PagesServer> {
  const listeners = new Set<Response>();
  let told = '';
  // One after the other, so that nobody hears of an older state last. What cannot be told now is told with the next change.
  let telling = Promise.resolve();
  const inTurn = (work: () => Promise<void>): Promise<void> => (telling = telling.then(work).catch(() => undefined));
  const tell = (): Promise<void> =>
    inTurn(async () => {
      const snapshot = JSON.stringify(await takeSnapshot(pages));
      if (snapshot === told) return;
      told = snapshot;
      for (const listener of listeners) listener.write(`data: ${snapshot}\n\n`);
    });
  const watching = await watchKept(() => void tell());
  // Whoever judges may be killed, and says nothing then.
  const heartbeat = setInterval(() => {
    for (const listener of listeners) listener.write(':\n\n');
    void tell();
  }, heartbeatMs);

  const app = express();
  app.disable('x-powered-by');
  app.use((request, response, next) => {
    response.set({ 'X-Content-Type-Options': 'nosniff', 'Cross-Origin-Resource-Policy': 'same-origin', 'Content-Security-Policy': "frame-ancestors 'none'" });
    // A page elsewhere could point a name of its own at this address; it gets nothing.
    if (['localhost', '127.0.0.1'].includes(request.hostname)) next();
    else response.status(421).type('text').send('This server answers to localhost only.\n');
  });
  app.use('/_graminsta', (request, response, next) => {
    if (isFromElsewhere(request)) response.status(403).type('text').send('This is for the pages of this server only.\n');
    else next();
  });
  app.get('/_graminsta/progress', async (_request, response) => {
    response.set('Cache-Control', 'no-store').json(await takeSnapshot(pages));
  });
  app.get('/_graminsta/events', (_request, response) => {
    response.set({ 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    response.flushHeaders();
    response.write(`retry: ${retryMs}\n`);
    void inTurn(async () => {
      response.write(`data: ${JSON.stringify(await takeSnapshot(pages))}\n\n`);
      if (!response.closed) listeners.add(response);
    });
    response.once('close', () => listeners.delete(response));
  });
  app.get('/{*path}', async (request, response, next) => {
    const page = pageAt(built, request.path);
    if (page === undefined) return next();
    await sendPage(response, page, await takeSnapshot(pages));
  });
  app.use(express.static(built, { index: false, redirect: false }));
  app.use(async (_request, response) => {
    await sendPage(response.status(404), path.join(built, '404.html'), await takeSnapshot(pages));
  });

  const server = createServer(app);
  return {
    server,
    close: async () => {
      clearInterval(heartbeat);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await watching.close();
    },
  };
}

/** A browser says where a request comes from; a program that says nothing is no page of another site. */
function isFromElsewhere(request: Request): boolean {
  const origin = request.get('origin');
  if (origin !== undefined && origin !== `http://${request.get('host')}`) return true;
  return !['same-origin', 'none', undefined].includes(request.get('sec-fetch-site'));
}

/** The file of a page: `/steps/01-single-machine` is `steps/01-single-machine/index.html`. */
function pageAt(built: string, address: string): string | undefined {
  let decoded: string;
  try {
    decoded = decodeURIComponent(address);
  } catch {
    return undefined;
  }
  const file = path.join(built, decoded, 'index.html');
  return file.startsWith(built + path.sep) && !decoded.includes('\0') && existsSync(file) ? file : undefined;
}

async function sendPage(response: Response, file: string, snapshot: Snapshot): Promise<void> {
  const html = await readFile(file, 'utf8');
  // In JSON `<` stands in strings only, where it may be written as an escape: no text can end the element.
  const state = JSON.stringify(snapshot).replaceAll('<', '\\u003c');
  const element = `<script type="application/json" id="graminsta">${state}</script>`;
  response.set('Cache-Control', 'no-store').type('html').send(html.replace('</head>', () => `${element}</head>`));
}
