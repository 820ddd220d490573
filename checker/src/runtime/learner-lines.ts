// What a program printed, as its author should read it: the step's files by their own names instead of by where a
// machine has its copy, and no frames of packages and of Node.js.

import { existsSync } from 'node:fs';
import path from 'node:path';

/**
 * Reads one line after the other.
 * @param roots folders in which machines have their disks
 * @returns the line to show, or undefined for one that nobody needs to see.
 */
export function learnerLines(roots: readonly string[]): (line: string) => string | undefined {
  // Node.js prints where an error was thrown: the place, a line of code, a line of carets.
  let excerptLines = 0;
  let placeFolder = '';
  return (line) => {
    if (excerptLines > 0) {
      excerptLines = /^[\s^]*$/.test(line) ? 0 : excerptLines - 1;
      return undefined;
    }
    if (/^Node\.js v\d+\.\d+\.\d+$/.test(line)) return undefined;
    const shown = withoutDisks(line, roots);
    if (isForeignPlace(shown)) {
      excerptLines = 4;
      return undefined;
    }
    const place = /^(?:file:\/\/)?(\/.+\.[cm]?[jt]s):\d+$/.exec(line);
    if (place) placeFolder = path.dirname(place[1]!);
    if (/^SyntaxError: The requested module/.test(shown)) return withSourceName(shown, placeFolder);
    if (!isFrame(shown) || isOwnFrame(shown)) return shown;
    // The properties of an error follow its last frame, in braces.
    return shown.endsWith(' {') ? '    {' : undefined;
  };
}

/** A text in which the files on a machine's disk have the names that its programs know them by. */
export function withoutDisks(text: string, roots: readonly string[]): string {
  return roots.reduce((shown, root) => {
    const disk = new RegExp(`(?:file://)?${escaped(root)}/(?:\\d+/)?[a-z][a-z0-9-]*/(files|data|tmp)(?![\\w.-])(/[^\\s'"():]+)?`, 'g');
    return shown.replace(disk, (whole, part: string, file: string | undefined = '') =>
      part === 'files' ? sourceOf(whole, file.slice(1)) || '.' : `${part === 'data' ? '$DATA_DIR' : '$TMPDIR'}${file}`,
    );
  }, text);
}

/** Without a source map Node.js names what was compiled; the learner wrote the TypeScript beside it. */
function sourceOf(whole: string, file: string): string {
  if (!file.endsWith('.js')) return file;
  const typescript = whole.replace(/^file:\/\//, '').replace(/\.js$/, '.ts');
  return existsSync(typescript) ? file.replace(/\.js$/, '.ts') : file;
}

/** `The requested module './likes.js' does not provide …`: what was compiled is named, and likes.ts is what was written. */
function withSourceName(line: string, importer: string): string {
  return line.replace(/'(\.{1,2}\/[^']+)\.js'/, (whole, module: string) => (existsSync(path.join(importer, `${module}.ts`)) ? `'${module}.ts'` : whole));
}

function isFrame(line: string): boolean {
  return /^\s+at .*(:\d+:\d+\)?|\(<anonymous>\)|\(native\)|\(index \d+\))( \{)?$/.test(line);
}

function isOwnFrame(line: string): boolean {
  const [, file = ''] = /([^\s()]+):\d+:\d+\)?(?: \{)?$/.exec(line) ?? [];
  return file !== '' && !isForeign(file);
}

function isForeignPlace(line: string): boolean {
  const [, file = ''] = /^([^\s()]+):\d+$/.exec(line) ?? [];
  return isForeign(file);
}

function isForeign(file: string): boolean {
  return file.startsWith('node:') || file.startsWith('file:') || file.startsWith('/') || file.includes('node_modules/');
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
