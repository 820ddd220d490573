// What the balancer changes in the heads of requests and answers. Everything else passes through as it came.

import type { IncomingMessage } from 'node:http';

// #region hop-by-hop
/** These speak of one connection, and the balancer has two: https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1 */
const hopByHop = ['connection', 'keep-alive', 'proxy-connection', 'proxy-authenticate', 'proxy-authorization', 'te', 'trailer', 'transfer-encoding', 'upgrade'];
const dropFromAnswer = new Set(hopByHop);
/** Of a request, also what the balancer says itself, so that nobody outside can say it in its name. */
const dropFromRequest = new Set([
  ...hopByHop, 'host', 'content-length', 'expect', 'via',
  'forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-forwarded-port', 'x-real-ip',
]);

/** Names and values in turn, as Node has them in `rawHeaders`: several of one name stay several. */
function endToEnd({ rawHeaders, headers }: IncomingMessage, dropped: Set<string>): string[] {
  const named = headers.connection ? headers.connection.toLowerCase().split(/[\s,]+/) : [];
  const kept: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!;
    const key = name.toLowerCase();
    if (!dropped.has(key) && !named.includes(key)) kept.push(name, rawHeaders[index + 1]!);
  }
  return kept;
}
// #endregion

// #region request
/** The head that an upstream gets. */
export function requestHeaders(req: IncomingMessage, via: string): string[] {
  const { host = '', via: before, 'content-length': length } = req.headers;
  const headers = endToEnd(req, dropFromRequest);
  headers.push('Host', host, 'Via', before ? `${before}, 1.1 ${via}` : `1.1 ${via}`);
  // The outermost balancer believes nobody: the address is that of whoever connected, whatever the request says.
  headers.push('X-Forwarded-For', req.socket.remoteAddress ?? '', 'X-Forwarded-Proto', 'http', 'X-Forwarded-Host', host);
  // Where the body ends is said once, by the balancer, or two machines could come to see two ends: request smuggling.
  if (req.headers['transfer-encoding'] !== undefined) headers.push('Transfer-Encoding', 'chunked');
  else if (length !== undefined || !isSafe(req)) headers.push('Content-Length', length ?? '0');
  // A machine that closes after its answer closes on whoever is still sending, and the answer can be lost with the connection.
  headers.push('Connection', 'keep-alive');
  return headers;
}

/** Why a request goes nowhere: it has been here before, or nobody can tell where its body ends. */
export function objectionTo({ headers }: IncomingMessage, via: string): { status: number; title: string } | undefined {
  if (headers.via?.split(/[\s,]+/).includes(via)) return { status: 508, title: 'The balancer is its own upstream' };
  if ((headers['transfer-encoding'] ?? 'chunked').toLowerCase() !== 'chunked') return { status: 501, title: 'This transfer coding is not known here' };
  return undefined;
}
// #endregion

/** The head that the client gets. */
export const answerHeaders = (answer: IncomingMessage): string[] => endToEnd(answer, dropFromAnswer);

// #region methods
/** https://www.rfc-editor.org/rfc/rfc9110#section-9.2 */
const safe = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);
const idempotent = new Set([...safe, 'PUT', 'DELETE']);

export const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
export const isSafe = ({ method = '' }: IncomingMessage): boolean => safe.has(method);
/** Whether it may be sent twice: twice does what once does, and there is no body that is used up by the first time. */
export const isRepeatable = (req: IncomingMessage): boolean => idempotent.has(req.method ?? '') && !hasBody(req);
// #endregion
