// People who write and read at all machines for a while, and what is required of what they saw.

import { Failure, pause, requireThat, storyOf, violationOf, type Answer, type Chronicle, type Witness } from 'checker/check';
import { apis } from './machines.ts';

/** As the promise has it. */
export const othersWithinMs = 2_000;
/** A size of page that nobody asks for by chance. */
export const rarePage = 13;
/** For the time that the answers themselves take, on a computer that does all of this. */
const graceMs = 500;
const pauseMs = { least: 80, most: 240 };
/** Of all requests. */
const fewShare = 0.05;
/** People come together at what is new. */
const newest = 5;
/** Of the things that a writer does one after the other. */
const round = ['like', 'unlike', 'post', 'like', 'delete', 'like', 'unlike', 'like'] as const;

/**
 * @throws Failure with the first answer that broke the promise
 * @param scene what happened meanwhile @param lagMs how far the replica is behind
 */
export function requireKept({ history }: Chronicle, { scene, lagMs = 0 }: { scene?: string; lagMs?: number } = {}): void {
  const violation = violationOf(history, { othersWithinMs, lagMs: lagMs + graceMs });
  if (!violation) return;
  const story = storyOf(violation, history);
  throw new Failure({ ...story, did: scene === undefined ? story.did : `${scene}. ${story.did}` });
}

/** @throws Failure when an answer was wrong, or more than a few said that it cannot be had now, which a busy computer may do */
export function requireAnswered(answers: readonly Answer[], did: string): void {
  const failed = answers.filter(({ silence, status }) => silence !== undefined || status >= 500);
  const broken = failed.find((answer) => answer.silence === undefined && answer.status < 502);
  requireThat(!broken && failed.length <= answers.length * fewShare, {
    kind: broken ? 'wrong answer' : 'requests failed',
    did,
    saw: `${failed.length} of ${answers.length} requests failed; ${(broken ?? failed[0])?.toString() ?? ''}`,
    expected: 'an answer to each',
    why: 'Nothing was wrong with any machine that they need.',
    machine: (broken ?? failed[0])?.machine,
  });
}

/** Somebody looks at the feed, at a page of it of a rare size, at the page behind the newest photo, and at one photo, at each of these machines. */
export async function looksEverywhere(who: Witness, photo: string, machines: readonly string[] = apis): Promise<void> {
  const turned = await who.newest(machines[0]);
  for (const machine of machines) {
    await who.feed(machine);
    await who.feed(machine, rarePage);
    if (turned) await who.turns(turned, machine);
    await who.photo(photo, machine);
  }
}

/** Writers and readers, each of whom does one thing after the other, at any machine. */
export class Company {
  readonly #lives: Promise<void>[];
  /** What they talk about, newest first. */
  #talk: string[];
  #writing = true;
  #over = false;

  constructor({ writers, readers, photos }: { writers: readonly Witness[]; readers: readonly Witness[]; photos: readonly string[] }) {
    this.#talk = [...photos];
    this.#lives = [...writers.map((who, index) => this.#writes(who, index)), ...readers.map((who, index) => this.#reads(who, index))];
    // Whoever waits for them is told.
    for (const life of this.#lives) life.catch(() => undefined);
  }

  /** @throws what one of them threw: an answer that cannot be read */
  async goesOn(ms: number): Promise<void> {
    await Promise.race([pause(ms), ...this.#lives]);
  }

  /** Nobody changes anything any more; they go on reading. */
  stopsWriting(): void {
    this.#writing = false;
  }

  /** Waits until each has done what they were at. */
  async leaves(): Promise<void> {
    this.disperse();
    await Promise.all(this.#lives);
  }

  /** Nobody begins anything any more, and nobody waits for them. */
  disperse(): void {
    this.#over = true;
  }

  async #writes(who: Witness, index: number): Promise<void> {
    const own: string[] = [];
    for (let turn = index; !this.#over; turn += 1) {
      const [here, there] = [machineAt(turn), machineAt(turn + 1 + (index % 2))];
      const photo = this.#writing ? await this.#changes(who, round[turn % round.length]!, here, own) : this.#any(index);
      await rest();
      // Right after a change, at another machine.
      if (turn % 2 === 0) await who.feed(there);
      else if (photo !== undefined) await who.photo(photo, there);
      await rest();
    }
  }

  async #changes(who: Witness, what: (typeof round)[number], machine: string | undefined, own: string[]): Promise<string | undefined> {
    const photo = this.#any(own.length);
    if (what === 'post') {
      const posted = await who.posts(`By ${who.name}`, machine);
      if (posted === undefined) return undefined;
      own.push(posted);
      this.#talk.unshift(posted);
      return posted;
    }
    if (what === 'delete') {
      const old = own.shift();
      if (old !== undefined) await who.deletes(old, machine);
      this.#talk = this.#talk.filter((other) => other !== old);
      return old;
    }
    if (photo === undefined) return undefined;
    await (what === 'like' ? who.likes(photo, machine) : who.unlikes(photo, machine));
    return photo;
  }

  async #reads(who: Witness, index: number): Promise<void> {
    for (let turn = index; !this.#over; turn += 1) {
      const photo = this.#any(turn);
      if (turn % 3 < 2 || photo === undefined) await who.feed(machineAt(turn), turn % 9 === 0 ? 50 : undefined);
      else await who.photo(photo, machineAt(turn));
      await rest();
    }
  }

  #any(from: number): string | undefined {
    return this.#talk[from % Math.min(newest, this.#talk.length)];
  }
}

/** One of the machines in turn, and now and then whichever lb chooses. */
function machineAt(turn: number): string | undefined {
  return [...apis, undefined][turn % (apis.length + 1)];
}

function rest(): Promise<void> {
  return pause(pauseMs.least + Math.random() * (pauseMs.most - pauseMs.least));
}
