// Who asks the balancer: well, through Node's client, or byte by byte.

import { once } from 'node:events';
import http, { type IncomingHttpHeaders } from 'node:http';
import net, { type Socket } from 'node:net';

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
  ms: number;
}

export interface Request extends http.RequestOptions {
  body?: string;
}

/** Each on a connection of its own unless there is an `agent`. @throws Error when the connection breaks before the answer is whole. */
export function ask(port: number, path = '/', { body, ...options }: Request = {}): Promise<Answer> {
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port, path, agent: false, ...options }, (response) => {
      let text = '';
      response.setEncoding('latin1');
      response.on('data', (chunk: string) => (text += chunk));
      response.once('error', reject);
      response.once('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text, ms: performance.now() - startedAt }));
    });
    request.once('error', reject);
    request.end(body);
  });
}

export const post = (port: number, path = '/', options: Request = {}): Promise<Answer> => ask(port, path, { method: 'POST', body: 'a photo', ...options });

/** @throws Error when nobody listens there. */
export async function connect(port: number): Promise<Socket> {
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/** The head of a message in which each line ends as it must. */
export const lines = (...text: string[]): string => `${text.join('\r\n')}\r\n\r\n`;

export interface Conversation {
  /** What came so far. */
  text: string;
  /** Whether the other side reset the connection instead of ending it. */
  wasReset: boolean;
  isClosed: Promise<void>;
}

/** Sends this text as it is, and reads. */
export async function converse(port: number, text: string): Promise<Conversation> {
  const socket = await connect(port);
  const conversation: Conversation = { text: '', wasReset: false, isClosed: new Promise((resolve) => socket.once('close', () => resolve())) };
  socket.on('data', (bytes) => (conversation.text += bytes.toString('latin1')));
  socket.on('error', (error: NodeJS.ErrnoException) => (conversation.wasReset = error.code === 'ECONNRESET'));
  socket.write(text, 'latin1');
  return conversation;
}

/** The same, and what was read when the other side has closed the connection. */
export async function say(port: number, text: string): Promise<string> {
  const conversation = await converse(port, text);
  await conversation.isClosed;
  return conversation.text;
}
