// Records of crowds that never were.

import type { CrowdRecord, CrowdRequest } from '../../src/check/crowd-record.ts';

/** One that was answered after 5 ms, unless it says otherwise. */
export function request(sentAt: number, parts: Partial<CrowdRequest> = {}): CrowdRequest {
  const call = 'GET /api/photos';
  return { dueAt: sentAt, sentAt, firstByteAt: sentAt + 4, endedAt: sentAt + 5, status: 200, silence: undefined, machine: 'api-1', method: 'GET', call, saw: `${call} → 200`, ...parts };
}

export const silent = { machine: undefined, status: 0, silence: 'refused', firstByteAt: undefined } as const;

export function record(requests: CrowdRequest[], marks: CrowdRecord['marks'] = [], startedAt = 1_000): CrowdRecord {
  return { startedAt, leftAt: requests.at(-1)?.sentAt ?? 0, requests, unsent: 0, marks };
}
