// A report is pasted where everybody reads it: no home folder, no name of a person or of a computer.

import { realpathSync } from 'node:fs';
import path from 'node:path';

export interface Private {
  repository: string;
  homes: readonly (string | undefined)[];
  users: readonly (string | undefined)[];
  hosts: readonly (string | undefined)[];
}

/** These say nothing of anybody. */
const everywhere = ['root', 'localhost', 'home', 'users'];
/** A shorter name is taken out where it is a whole word only: `al` is in too many words. */
const tellingLength = 4;

/** A function that writes the repository as `.`, the home folder as `~`, and names as `<user>` and `<host>`. */
export function discretion({ repository, homes, users, hosts }: Private): (text: string) => string {
  const folders = [
    ...spellings([repository]).map((folder) => ({ folder, short: '.' })),
    ...spellings(homes).map((folder) => ({ folder, short: '~' })),
  ].sort((one, other) => other.folder.length - one.folder.length);
  const people = [...users, ...spellings(homes).map((home) => path.basename(home))];
  const computers = hosts.flatMap((host) => [host, host?.split('.')[0]]);
  const replacements = [
    ...folders.map(({ folder, short }) => ({ pattern: new RegExp(`(?<![\\w./~-])${escaped(folder)}(?![\\w.-])`, 'g'), short })),
    // Somebody else's, or a second one of the same person: Windows has its own, which WSL sees.
    { pattern: /(?<=\/(?:home|Users)\/)([^/\n]+(?=\/)|[^/\s]+)/g, short: '<user>' },
    ...names(people).map((name) => ({ pattern: patternOf(name), short: '<user>' })),
    ...names(computers).map((name) => ({ pattern: patternOf(name), short: '<host>' })),
  ];
  return (text) => replacements.reduce((result, { pattern, short }) => result.replace(pattern, short), text);
}

/** A folder as it was written and as the system writes it: a home may be a link. */
function spellings(folders: readonly (string | undefined)[]): string[] {
  const given = folders.filter((folder) => folder !== undefined).map((folder) => folder.replace(/\/+$/, '')).filter((folder) => folder.length > 1);
  return [...new Set(given.flatMap((folder) => [folder, real(folder)]))];
}

function real(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}

/** Longest first, so that no name is replaced in the middle of a longer one. */
function names(given: readonly (string | undefined)[]): string[] {
  const telling = given.filter((name) => name !== undefined).filter((name) => name !== '' && !everywhere.includes(name.toLowerCase()));
  return [...new Set(telling)].sort((one, other) => other.length - one.length);
}

function patternOf(name: string): RegExp {
  return name.length < tellingLength ? new RegExp(`(?<![a-z0-9])${escaped(name)}(?![a-z0-9])`, 'gi') : new RegExp(escaped(name), 'gi');
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
