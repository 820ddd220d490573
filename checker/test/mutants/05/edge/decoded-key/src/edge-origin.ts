// What an edge asks of the origin, another machine, which is far away and may be slow, silent or gone.

import http, { type IncomingHttpHeaders, type IncomingMessage } from 'node:http';

const { ORIGIN } = process.env;
if (!ORIGIN) throw new Error('ORIGIN is not set: give it to this service in stack.ts.');
const origin = new URL(ORIGIN);

/** Between two bytes of a body that goes to a client, where it may be the client who takes the time. */
export const pauseMs = 60_000;
// The origin closes a connection that was unused for 5 s. The edge closes it earlier, or a request could cross that on the way.
const agent = new http.Agent({ keepAlive: true, maxFreeSockets: 64, timeout: 2_000 });

/** The origin did not answer in time. */
export class Silence extends Error {}

// #region ask
/** @returns the head of the answer, with its body still to come @throws Silence, or the error of the connection */
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
    const request = http.request({ host: origin.hostname, port: origin.port, agent, timeout: patienceMs, method, path: encodeURI(path), headers });
    request.once('timeout', () => request.destroy(new Silence('The origin is silent.')));
    request.on('error', reject);
    request.once('response', resolve);
    request.end();
  });
}
// #endregion

// #region headers
/** These speak of one connection, and an edge has two: https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1 */
const hopByHop = new Set(['connection', 'keep-alive', 'proxy-connection', 'proxy-authenticate', 'proxy-authorization', 'te', 'trailer', 'transfer-encoding', 'upgrade']);
/** Of a request also what its sender could make the origin believe, and what belongs to a body, which no GET has here. */
const untrusted = /^(?:host|expect|content-.*|forwarded|x-forwarded-.*|x-real-ip|x-original-url|x-rewrite-url)$/;
/** What asks for a part of an answer, or whether it has changed: the edge gets the whole, and finds that out itself. */
const conditional = /^(?:if-.*|range)$/;
/** A visitor who reloads does not make the origin work. */
const wishes = /^(?:cache-control|pragma)$/;

/** The head of what the edge asks for. Its Host is the origin's, whatever the client called it. */
export function requestHeaders({ headers }: IncomingMessage): IncomingHttpHeaders {
  const kept = endToEnd(headers);
  for (const name of Object.keys(kept)) if (untrusted.test(name) || conditional.test(name) || wishes.test(name)) delete kept[name];
  return kept;
}

export function endToEnd(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const named = headers.connection ? headers.connection.toLowerCase().split(/[\s,]+/) : [];
  const kept: IncomingHttpHeaders = {};
  for (const name in headers) if (!hopByHop.has(name) && !named.includes(name)) kept[name] = headers[name];
  return kept;
}
// #endregion
