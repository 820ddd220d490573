// Processes, their children and their children's children. Linux tells in /proc; elsewhere `ps` does.

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';

const hasProc = existsSync('/proc/self/stat');

/** Parent and state (`Z` is a zombie: dead, not yet collected) of a process, or undefined when it is gone. */
function statOf(pid: number): { parent: number; state: string } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name may contain spaces and parentheses; what follows the last one does not. See proc(5).
    const [state = '', parent = ''] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { parent: Number(parent), state };
  } catch {
    return undefined;
  }
}

/** The number of a process's parent. Linux only; elsewhere undefined. */
export function parentOf(pid: number): number | undefined {
  return statOf(pid)?.parent;
}

/** What a process is called: `sh`, `node`. Linux only; elsewhere undefined. */
export function nameOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'latin1').trim();
  } catch {
    return undefined;
  }
}

function parents(): Map<number, number> {
  if (hasProc) {
    const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number);
    return new Map(pids.flatMap((pid) => {
      const stat = statOf(pid);
      return stat ? [[pid, stat.parent]] : [];
    }));
  }
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  return new Map(lines.map((line) => line.trim().split(/\s+/).map(Number) as [number, number]));
}

/** The processes given and everything below them, parents first. */
export function withDescendants(roots: readonly number[]): number[] {
  const parentOf = parents();
  const family = new Set(roots);
  for (let grown = true; grown; ) {
    grown = false;
    for (const [pid, parent] of parentOf) {
      if (!family.has(parent) || family.has(pid)) continue;
      family.add(pid);
      grown = true;
    }
  }
  return [...family];
}

/** Whether a process still runs; a zombie does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return !hasProc || statOf(pid)?.state !== 'Z';
}

/** Sends a signal; a process that is gone already is no mistake. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // Gone already.
  }
}

/**
 * The processes whose environment holds `variable=value`, wherever they hang in the tree: a child that
 * detached itself is found by what it inherited. Linux only; elsewhere none are found.
 */
export function withVariable(variable: string, value: string): number[] {
  if (!hasProc) return [];
  const wanted = `${variable}=${value}`;
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(wanted);
    } catch {
      return false;
    }
  });
}

/**
 * The processes whose working directory is this folder or lies in it: a child of a server that was killed in the very
 * moment in which it was made is found by where it works. Linux only; elsewhere none are found.
 * @param folder without links in it
 */
export function workingIn(folder: string): number[] {
  if (!hasProc) return [];
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => {
    const works = readLink(`/proc/${pid}/cwd`);
    return works === folder || works.startsWith(`${folder}/`);
  });
}

/** The TCP ports on which a process or its descendants listen. Linux only; elsewhere none are found. */
export function listeningPorts(pid: number): number[] {
  if (!hasProc) return [];
  const inodes = new Set<string>();
  for (const member of withDescendants([pid])) {
    try {
      for (const fd of readdirSync(`/proc/${member}/fd`)) {
        const target = readLink(`/proc/${member}/fd/${fd}`);
        const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
        if (inode) inodes.add(inode);
      }
    } catch {
      // Gone already.
    }
  }
  const listening = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => {
    try {
      return readFileSync(file, 'latin1').trim().split('\n').slice(1).map((line) => line.trim().split(/\s+/));
    } catch {
      return [];
    }
  });
  const stateListen = '0A';
  const ports = listening
    .filter((columns) => columns[3] === stateListen && inodes.has(columns[9] ?? ''))
    .map((columns) => parseInt(columns[1]?.split(':')[1] ?? '', 16));
  return [...new Set(ports)];
}

function readLink(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
