// How much of this computer's processors goes to what is neither ours nor the learner's: a build, a call, a virus scanner. The learner's
// own programs hang below the process that judges, and whatever they use is their affair.

import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { cpus } from 'node:os';

/** In ticks, of which all processors together have so many a second. */
interface Sample {
  atMs: number;
  /** What all processes together have used since the computer started, and what other virtual machines took from it. */
  busy: number;
  /** What each process below ours has used since it began. */
  ours: ReadonlyMap<number, number>;
}

interface Share {
  atMs: number;
  /** 0 to 1. */
  share: number;
}

/** `USER_HZ` on every Linux that Node.js runs on, see time(7). */
const ticksPerSecond = 100;
// A look reads a file of each process, and takes some 2 ms of a hundred processes.
const everyMs = 2_000;
const kept = 30;

/** Linux only: elsewhere nothing is known, and nobody says that the computer was busy with something else. */
export class OthersCpu {
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #shares: Share[] = [];
  readonly #roots: () => readonly number[];
  #last: Sample | undefined;

  /** @param roots the processes below which everything is ours */
  constructor(roots: () => readonly number[] = () => [process.pid]) {
    this.#roots = roots;
    if (!existsSync('/proc/stat')) return;
    this.#look();
    this.#timer = setInterval(() => this.#look(), everyMs);
    this.#timer.unref();
  }

  /** Which part of all processors others had in the last while, 0 to 1; 0 where nobody can tell. */
  share(lastMs: number): number {
    this.#look();
    const since = performance.now() - lastMs;
    const recent = this.#shares.filter(({ atMs }) => atMs >= since);
    return recent.reduce((sum, { share }) => sum + share, 0) / Math.max(1, recent.length);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    if (!existsSync('/proc/stat')) return;
    const now = performance.now();
    // Ticks are coarse: over a moment they tell nothing.
    if (this.#last && now - this.#last.atMs < everyMs / 4) return;
    const sample = takeSample(now, this.#roots());
    if (this.#last) this.#shares.push({ atMs: now, share: shareOfOthers(this.#last, sample, cpus().length) });
    if (this.#shares.length > kept) this.#shares.shift();
    this.#last = sample;
  }
}

/** @param processors how many this computer has @returns 0 to 1 */
export function shareOfOthers(before: Sample, after: Sample, processors: number): number {
  // Of a process that is gone, what it used since the look before is not known, and is counted as others'.
  const ours = [...after.ours].reduce((sum, [pid, ticks]) => sum + Math.max(0, ticks - (before.ours.get(pid) ?? 0)), 0);
  const seconds = (after.atMs - before.atMs) / 1_000;
  return Math.min(1, Math.max(0, (after.busy - before.busy - ours) / (seconds * ticksPerSecond * processors)));
}

function takeSample(atMs: number, roots: readonly number[]): Sample {
  const processes = new Map(readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((name) => {
    const fields = fieldsOf(Number(name));
    return fields ? [[Number(name), fields] as const] : [];
  }));
  const isOurs = (pid: number): boolean => {
    for (let at: number | undefined = pid; at !== undefined && at > 1; at = processes.get(at)?.parent) if (roots.includes(at)) return true;
    return false;
  };
  const ours = new Map([...processes].filter(([pid]) => isOurs(pid)).map(([pid, { ticks }]) => [pid, ticks]));
  return { atMs, busy: busyTicks(readFileSync('/proc/stat', 'latin1')), ours };
}

/** @param stat the text of `/proc/stat`, see proc(5): user, nice, system, idle, iowait, irq, softirq, steal, … */
export function busyTicks(stat: string): number {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = (/^cpu +(.*)$/m.exec(stat)?.[1] ?? '').split(' ').map(Number);
  return user + nice + system + irq + softirq + steal;
}

/** Its parent, and what it used in user mode and in the kernel: fields 4, 14 and 15 of `stat` in proc(5). */
function fieldsOf(pid: number): { parent: number; ticks: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) };
  } catch {
    return undefined;
  }
}
