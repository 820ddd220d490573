import type { Finding } from '../check/failure.ts';

/** What came of one exercise. A fault is the checker's own. */
export type Outcome =
  | { verdict: 'passed'; ms: number }
  | { verdict: 'failed'; ms: number; finding: Finding }
  | {
      verdict: 'not run';
      ms: number;
      reason: string;
      /** What to do about it. */
      remedy?: string | undefined;
      /** True where an earlier exercise keeps it from being judged. */
      blocked?: true;
    }
  | { verdict: 'fault'; ms: number; error: string };
