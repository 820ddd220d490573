// What it means that bytes were refused: a status, but what counts is what is there afterwards.

import { requireAnswer, requireThat, type Answer, type App, type Picture, type User } from 'checker/check';
import { edges, neighbourOf } from './edges.ts';
import { type Ticket } from './permissions.ts';
import { requireInTime, type Permission } from './uploading.ts';

export interface Attempt {
  did: string;
  why: string;
  ticket: Ticket;
  /** What is sent. */
  picture: Picture;
  /** By which it is known again. */
  mark: string;
  /** Who sends too much may find the door shut before they have read why. */
  mayBreakOff?: boolean;
  /** What the ticket was made of: it must not be refused for its age alone. */
  inTime?: { permission: Permission; seconds: number };
}

/** What was refused so far, for a look at the edges. */
const refused = new WeakMap<App, Attempt[]>();

/** @throws Failure unless it is refused, and the bytes are nowhere. */
export async function requireRefused(app: App, user: User, attempt: Attempt): Promise<void> {
  const answer = await user.puts(attempt.ticket, attempt.picture.bytes);
  requireRefusal(answer, attempt);
  if (attempt.inTime) requireInTime(attempt.inTime.permission, attempt.inTime.seconds);
  await requireUnseen(app, attempt);
}

/** @throws Failure unless it is a refusal. */
export function requireRefusal(answer: Answer, { did, why, mayBreakOff = false }: Pick<Attempt, 'did' | 'why' | 'mayBreakOff'>): void {
  if (mayBreakOff && answer.silence === 'reset') return;
  const expected = 'a status from 400 to 499';
  requireAnswer(answer, { did, why, expected });
  requireThat(answer.status >= 400 && answer.status < 500, {
    kind: answer.status >= 502 ? 'requests failed' : 'wrong answer',
    did,
    saw: withoutQuery(answer),
    expected,
    why,
    machine: answer.machine ?? 'storage',
  });
}

/** A signature in a message says nothing to who reads it. */
export function withoutQuery(answer: Answer): string {
  return String(answer).replace(/\?\S*/, '');
}

/** @throws Failure when storage gives what it refused. Edges are asked later, for all of it together: they are far away. */
export async function requireUnseen(app: App, attempt: Attempt, isStillToCome = false): Promise<void> {
  await requireUnseenAt(app.visitor('visitor', 'storage'), 'storage', attempt);
  // An edge may rightly keep what it sees, so it is not asked where an image is still to come.
  if (!isStillToCome) refused.set(app, [...(refused.get(app) ?? []), attempt]);
}

/** @throws Failure when an edge gives what storage refused. */
export async function unseenAtEdges(app: App): Promise<void> {
  await Promise.all(edges.map(async (edge) => {
    const visitor = neighbourOf(app, edge);
    await Promise.all((refused.get(app) ?? []).map((attempt) => requireUnseenAt(visitor, edge, attempt)));
  }));
}

async function requireUnseenAt(visitor: User, machine: string, { did, why, ticket, mark }: Attempt): Promise<void> {
  const { pathname, search } = new URL(ticket.url);
  const answers = await Promise.all([...new Set([pathname, pathname + search])].map((url) => visitor.client.send({ url })));
  requireThat(answers.every(({ body }) => !body.includes(mark)), { did: `${did}; then somebody asked ${machine} for it`, saw: 'the bytes that were refused', expected: 'none of them', why, machine: 'storage' });
}

/** @throws Failure when there is an image after all. */
export async function requireNoPhoto(user: User, { uploadId }: Permission, { did, why }: Pick<Attempt, 'did' | 'why'>): Promise<void> {
  const answer = await user.postsUploaded(uploadId, { caption: 'Never seen' });
  const told = { did: `${did}, and made a photo of it`, why, expected: '409: there is no image yet' };
  requireAnswer(answer, told);
  requireThat(answer.status >= 400 && answer.status < 500, { ...told, kind: answer.status >= 502 ? 'requests failed' : 'wrong answer', saw: String(answer), machine: answer.machine });
}
