// What became of a crowd, as data, and what can be read from it. Nothing here asks a server.

import type { Answer, Silence } from './answer.ts';
import { NotRun } from './failure.ts';

/** One request of a crowd. Times are in milliseconds since the crowd began. */
export interface CrowdRequest {
  /** When it was to be sent. */
  dueAt: number;
  /** When it was sent. What was late before that is the checker's own doing: judge from here. */
  sentAt: number;
  /** When the head of an answer came; undefined when none did. */
  firstByteAt: number | undefined;
  endedAt: number;
  /** 0 when there was no whole answer. */
  status: number;
  /** Why there was no whole answer. */
  silence: Silence | undefined;
  /** The machine that says it answered. */
  machine: string | undefined;
  method: string;
  /** `GET /api/photos` */
  call: string;
  /** The answer in words: `GET /api/photos → 503`. */
  saw: string;
}

/** Something that happened meanwhile. */
export interface CrowdMark {
  /** Milliseconds since the crowd began. */
  at: number;
  what: string;
}

export interface CrowdRecord {
  /** On the clock of `performance.now()`. */
  startedAt: number;
  /** When the last of them came, in milliseconds since the crowd began. */
  leftAt: number;
  /** In the order of their arrival. */
  requests: CrowdRequest[];
  /** Arrivals that were not let in, because too many requests were open. */
  unsent: number;
  marks: CrowdMark[];
}

/** An answer as a crowd's record keeps it, without its body. @param dueAt in milliseconds since the crowd began @param startedAt when that was, on the clock of `performance.now()` */
export function recorded(answer: Answer, dueAt: number, startedAt: number): CrowdRequest {
  const { sentAt, firstByteAt, endedAt, status, silence, machine, call, request } = answer;
  return {
    dueAt,
    sentAt: sentAt - startedAt,
    firstByteAt: firstByteAt === undefined ? undefined : firstByteAt - startedAt,
    endedAt: endedAt - startedAt,
    status,
    silence,
    machine,
    method: request.method,
    call,
    saw: answer.toString(),
  };
}

/** Crowds that were there together, as one. Its times count from when the first of them began. */
export function together(...records: readonly CrowdRecord[]): CrowdRecord {
  const startedAt = Math.min(...records.map((record) => record.startedAt));
  const later = ({ startedAt: own }: CrowdRecord): number => own - startedAt;
  return {
    startedAt,
    leftAt: Math.max(...records.map((record) => record.leftAt + later(record))),
    requests: records
      .flatMap((record) => record.requests.map((request) => shifted(request, later(record))))
      .sort((one, other) => one.dueAt - other.dueAt),
    unsent: records.reduce((sum, { unsent }) => sum + unsent, 0),
    marks: records
      .flatMap((record) => record.marks.map(({ at, what }) => ({ at: at + later(record), what })))
      .sort((one, other) => one.at - other.at),
  };
}

/** How long it took, from when it was sent. */
export function msOf({ sentAt, endedAt }: CrowdRequest): number {
  return endedAt - sentAt;
}

/** No whole answer, or one that says that the server could not (5xx). */
export function hasFailed({ silence, status }: CrowdRequest): boolean {
  return silence !== undefined || status >= 500;
}

/** Failed while nothing of an answer had been seen: whoever stands in front could still have asked another machine. */
export function failedBeforeFirstByte(request: CrowdRequest): boolean {
  const brokeOff = request.silence !== undefined && request.firstByteAt !== undefined;
  return hasFailed(request) && !brokeOff;
}

/** Those who were sent from one moment, in milliseconds since the crowd began, until before another. */
export function sentBetween({ requests }: CrowdRecord, from: number, to = Infinity): CrowdRequest[] {
  return requests.filter(({ sentAt }) => sentAt >= from && sentAt < to);
}

/** The value that `percent` of a hundred do not exceed (nearest rank); 0 when there are none. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  const rank = Math.max(1, Math.ceil((percent / 100) * sorted.length));
  return sorted[rank - 1] ?? 0;
}

/** How many each machine answered, by its own word. */
export function countByMachine(requests: readonly CrowdRequest[]): Map<string, number> {
  return counted(requests.flatMap(({ machine }) => (machine === undefined ? [] : [machine])));
}

/** What came back, in words: `412 × 200, 3 × 503, 2 × no answer`. The most frequent first. */
export function outcomes(requests: readonly CrowdRequest[]): string {
  const counts = [...counted(requests.map(({ silence, status }) => (silence === undefined ? String(status) : silences[silence])))];
  return counts.sort(([, one], [, other]) => other - one).map(([what, count]) => `${count} × ${what}`).join(', ') || 'nothing';
}

/**
 * What a crowd's record says of time is worth nothing when the crowd itself came late.
 * @param lateMs how late nearly all of them may have been
 * @throws NotRun when one of a hundred was later, or some were not sent at all.
 */
export function requireOnTime({ requests, unsent }: CrowdRecord, lateMs = 150): void {
  const late = percentile(requests.map(({ dueAt, sentAt }) => sentAt - dueAt), 99);
  if (late <= lateMs && unsent === 0) return;
  throw new NotRun('This computer was too busy to be the crowd that this exercise needs.', 'Close what keeps it busy, then run it again.');
}

function counted(values: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

const silences: Record<Silence, string> = {
  refused: 'connection refused',
  reset: 'connection closed',
  timeout: 'no answer',
  endless: 'an answer without an end',
  'too large': 'an answer that is too large',
  unusable: 'not an address',
};

function shifted(request: CrowdRequest, ms: number): CrowdRequest {
  const { dueAt, sentAt, firstByteAt, endedAt } = request;
  return {
    ...request,
    dueAt: dueAt + ms,
    sentAt: sentAt + ms,
    firstByteAt: firstByteAt === undefined ? undefined : firstByteAt + ms,
    endedAt: endedAt + ms,
  };
}
