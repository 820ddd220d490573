// What an edge asks of the origin, another machine, which is far away and may be slow, silent or gone.

import http, { type IncomingHttpHeaders, type IncomingMessage } from 'node:http';

const { ORIGIN } = process.env;
if (!ORIGIN) throw new Error('ORIGIN is not set: give it to this service in stack.ts.');
const origin = new URL(ORIGIN);

/** Between two bytes of a body that goes to a client, where it may be the client who takes the time. */
export const pauseMs = 60_000;
// The origin closes a connection that was unused for 5 s. The edge closes it earlier, or a request could cross that on the way.
// And an origin that is silent must not collect a connection for everything that is asked for.
const agent = new http.Agent({ keepAlive: true, maxFreeSockets: 64, maxSockets: 256, timeout: 2_000 });
/** For one of these connections to be free. */
const turnMs = 2_000;

/** The origin did not answer in time. */
export class Silence extends Error {}

/** All connections to the origin are in use. */
export class Busy extends Error {}

// #region ask
/** @returns the head of the answer, with its body still to come @throws Silence, Busy, or the error of the connection */
export async function ask(method: string, path: string, headers: IncomingHttpHeaders, patienceMs: number): Promise<IncomingMessage> {
  try {
    return await send(method, path, headers, patienceMs);
  } catch (error) {
    // Most often the origin closed a connection in the moment in which it was used again. To ask twice does no harm.
    if (error instanceof Error && 'code' in error && error.code === 'ECONNRESET') return send(method, path, headers, patienceMs);
    throw error;
  }
}

function send(method: string, path: string, headers: IncomingHttpHeaders, patienceMs: number): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: origin.hostname, port: origin.port, agent, timeout: patienceMs, method, path, headers });
    const late = setTimeout(() => {
      // It is not told of its end before it has a connection.
      reject(new Busy('All connections of this edge to its origin are in use'));
      request.destroy();
    }, turnMs);
    request.once('socket', () => clearTimeout(late));
    request.once('timeout', () => request.destroy(new Silence('The origin is silent.')));
    request.on('error', reject);
    request.once('response', resolve);
    // Nobody asked for another protocol.
    request.once('upgrade', (_answer, socket) => socket.destroy());
    request.once('close', () => reject(new Error('The origin gave no answer.')));
    request.end();
  });
}
// #endregion

// #region headers
/** These speak of one connection, and an edge has two: https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1 */
const hopByHop = new Set(['connection', 'keep-alive', 'proxy-connection', 'proxy-authenticate', 'proxy-authorization', 'te', 'trailer', 'transfer-encoding', 'upgrade']);
/**
 * What the origin hears of a request. Whatever else a client says cannot change what is kept for all: not a name that it gives the
 * origin (Host, X-Forwarded-Host), and no header that the origin believes and never names in Vary. What asks for a part, or
 * whether it has changed, is not here either: the edge gets the whole, and finds that out itself. Nor is the wish for something
 * newer: a visitor who reloads does not make the origin work.
 */
const passedOn = ['accept', 'accept-encoding', 'accept-language', 'authorization', 'cookie', 'origin', 'referer', 'user-agent', 'x-original-url'];

/** The head of what the edge asks for. Where an answer varies by a header that is not passed on, it is the same for all: the origin sees none. */
export function requestHeaders({ headers }: IncomingMessage): IncomingHttpHeaders {
  const sent = endToEnd(headers);
  return Object.fromEntries(passedOn.filter((name) => sent[name] !== undefined).map((name) => [name, sent[name]]));
}

export function endToEnd(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const named = headers.connection ? headers.connection.toLowerCase().split(/[\s,]+/) : [];
  const kept: IncomingHttpHeaders = {};
  for (const name in headers) if (!hopByHop.has(name) && !named.includes(name)) kept[name] = headers[name];
  return kept;
}
// #endregion
