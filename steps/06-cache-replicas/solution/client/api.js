// The way to the API, which is another origin.

import { notePosition, positionHeaders } from './position.js';
import { member } from './session.js';

/** The API has answered, and it said no. The message is for people. */
export class Refusal extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

// No answer is an answer too, after a while. Who sends something has more patience: it is worse to send it again.
const patienceMs = 2_000;
const senderPatienceMs = 20_000;

let apiUrl;

/**
 * Asks the API, as whoever is logged in.
 * @returns what it answers, from JSON; undefined when that is nothing
 * @throws Refusal when it says no; when it does not answer, or not in time, what `fetch` throws
 */
export async function call(method, path, body) {
  const headers = positionHeaders();
  // What everybody may read is asked for without: who reads is nobody's business.
  if (member && method !== 'GET') headers.Authorization = `Bearer ${member.token}`;
  if (body) headers['Content-Type'] = 'application/json';
  const response = await fetch(new URL(path, await whereTheApiIs()), {
    method,
    headers,
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(method === 'GET' ? patienceMs : senderPatienceMs),
  });
  notePosition(response);
  await requireOk(response);
  return response.status === 204 ? undefined : response.json();
}

/** @throws Refusal with what was said, when it was no */
export async function requireOk(response) {
  if (response.ok) return;
  const { detail } = await response.json().catch(() => ({}));
  throw new Refusal(response.status, detail ?? `The server answered ${response.status}.`);
}

/** The one thing that this page is told: its files are the same wherever the API is. */
async function whereTheApiIs() {
  apiUrl ??= (await (await fetch('/config.json', { signal: AbortSignal.timeout(patienceMs) })).json()).apiUrl;
  return apiUrl;
}
