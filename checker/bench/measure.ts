// How things are measured, and where they are measured: in a copy of the workshop.

import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, symlinkSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { layFiles } from '../src/run/overlay.ts';
import { repository } from '../src/run/repository.ts';

export interface Measurement {
  what: string;
  wanted: string;
  measured: string;
}

export const results: Measurement[] = [];
/** How often each thing is done; the median counts. */
export const runs = 5;

export function note(what: string, wanted: string, measured: string): void {
  results.push({ what, wanted, measured });
  console.error(`${what}: ${measured} (wanted ${wanted})`);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;

/** A copy of the workshop in which some steps are solved: nobody's own work is touched. */
export function workshop(solved: readonly string[]): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'graminsta-bench-'));
  for (const part of ['checker', 'steps', 'package.json', 'package-lock.json']) cpSync(path.join(repository, part), path.join(folder, part), { recursive: true });
  // The same packages, but a cache of its own: what is compiled for the copy goes with it.
  mkdirSync(path.join(folder, 'node_modules/.cache'), { recursive: true });
  for (const name of readdirSync(path.join(repository, 'node_modules'))) {
    if (name !== '.cache') symlinkSync(path.join(repository, 'node_modules', name), path.join(folder, 'node_modules', name));
  }
  for (const step of readdirSync(path.join(folder, 'steps'))) {
    const own = path.join(folder, 'steps', step);
    cpSync(path.join(own, 'start'), own, { recursive: true });
    if (solved.includes(step)) layFiles(path.join(own, 'solution'), own);
  }
  return folder;
}

export interface CommandRun {
  ms: number;
  /** From the start to the first line that matches. */
  firstMs: number;
  /** Of the command and everything that it started, in MB: the largest sum of what belongs to each alone. */
  peakMb: number;
}

export async function command(folder: string, script: string, args: readonly string[], first: RegExp): Promise<CommandRun> {
  const startedAt = performance.now();
  const child = spawn('npm', ['run', '-s', script, ...args], { cwd: folder, env: { ...process.env, GRAMINSTA_HOME: path.join(folder, '.graminsta') } });
  let firstMs = NaN;
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    if (Number.isNaN(firstMs) && first.test(output)) firstMs = performance.now() - startedAt;
  });
  let peakMb = 0;
  const sampling = setInterval(() => (peakMb = Math.max(peakMb, memoryOf(child.pid!))), 100);
  await new Promise((resolve) => child.once('exit', resolve));
  clearInterval(sampling);
  return { ms: performance.now() - startedAt, firstMs, peakMb };
}

/** Proportional set size, which shares out what processes have in common. Linux only. */
function memoryOf(root: number): number {
  const parentOf = new Map<number, number>();
  const run = new Set<number>();
  try {
    for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
        parentOf.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
      } catch {
        // Gone already.
      }
    }
  } catch {
    return NaN;
  }
  run.add(root);
  for (let grown = true; grown; ) {
    grown = false;
    for (const [pid, parent] of parentOf) {
      if (run.has(parent) && !run.has(pid)) grown = Boolean(run.add(pid));
    }
  }
  let kilobytes = 0;
  for (const pid of run) {
    try {
      kilobytes += Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'))?.[1] ?? 0);
    } catch {
      // Gone already.
    }
  }
  return kilobytes / 1024;
}

/** Waits until a program has printed this. */
export function awaitOutput(child: ReturnType<typeof spawn>, wanted: RegExp): Promise<string> {
  let output = '';
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (wanted.test(output)) resolve(output);
    });
    child.once('exit', () => reject(new Error(`It ended without ${String(wanted)}:\n${output}`)));
  });
}
