// What the API answers to somebody who asks to upload, from step 5 on, read with care: a learner's app may answer anything.

import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { Answer } from './answer.ts';

export interface UploadPermission {
  uploadId: string;
  /** Where the bytes go. */
  url: string;
  /** What has to go with them, exactly so. */
  headers: Readonly<Record<string, string>>;
}

/** The permission in an answer; undefined when it is none. */
export function permissionOf(answer: Answer): UploadPermission | undefined {
  const { uploadId, url, headers } = (answer.json ?? {}) as { uploadId?: unknown; url?: unknown; headers?: unknown };
  const isWhole = answer.ok && typeof uploadId === 'string' && typeof url === 'string' && areHeaders(headers);
  return isWhole ? { uploadId, url, headers } : undefined;
}

/** Whether a value is an object of headers that can be sent. */
function areHeaders(value: unknown): value is Record<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.entries(value).every(([name, text]) => typeof text === 'string' && canBeSent(name, text));
}

function canBeSent(name: string, text: string): boolean {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, text);
    return true;
  } catch {
    return false;
  }
}
