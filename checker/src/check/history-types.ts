// What a history is made of.

/** `refused` did not happen; `unknown` may have, or may still: no answer came, or a 5xx. */
export type Outcome = 'acknowledged' | 'refused' | 'unknown';

interface Happened {
  /** `Ada` */
  who: string;
  /** One device of hers, which sends back the position that it was given. It sees its own changes at once, and no others. */
  session: string;
  /** The machine that answered, by its own word. */
  machine?: string | undefined;
  /** On the clock of `performance.now()`. */
  startedAt: number;
  endedAt: number;
}

export interface Write extends Happened {
  kind: 'post' | 'delete' | 'like' | 'unlike';
  photo: string;
  outcome: Outcome;
  /** What the photo is called in a story. */
  caption?: string | undefined;
}

export interface Read extends Happened {
  kind: 'read';
  /** The first page of the feed; or the one behind a photo; or one photo. */
  looked: 'feed' | { behind: string } | { photo: string };
  /** The photos in the answer, and how many likes each has. */
  shown: Readonly<Record<string, number>>;
  /** Whether a feed ends with this page: then nothing is farther down. */
  whole: boolean;
}

export type Operation = Write | Read;
export type History = readonly Operation[];

/** `impossible`: an answer that was never right, at no moment. */
export type Promised = 'own' | 'back' | 'late' | 'impossible';

export interface Violation {
  promise: Promised;
  read: Read;
  photo: string;
  /** What makes the answer wrong: the change that is missing, or what was seen before. */
  proof: Operation | undefined;
  /** `6 likes`, `a feed without the photo` */
  saw: string;
  expected: string;
}

/** One photo in one read, and what its session knows for sure. */
export interface Window {
  read: Read;
  photo: string;
  /** The session's own writes to this photo that were acknowledged before. */
  own: readonly Write[];
  /** Whatever was acknowledged by then has to be seen. */
  lateAt: number;
}

/** What a read shows is right, and its session knows it from the end of the read on. */
export interface Right {
  learn: () => void;
}

/** Whether one was over when the other began. */
export function isBefore(one: Operation, other: Operation): boolean {
  return one.endedAt <= other.startedAt;
}

/** Up to when a write may take effect. */
export function latestOf({ outcome, endedAt }: Write): number {
  return outcome === 'acknowledged' ? endedAt : Infinity;
}

export function grouped<Item>(items: readonly Item[], by: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) groups.set(by(item), [...(groups.get(by(item)) ?? []), item]);
  return groups;
}
