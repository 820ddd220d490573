// Takes the code of a page from the steps, so that text and code cannot drift apart.
//
//   ```ts file=steps/01-single-machine/solution/src/photos.ts region=keyset
//   ```
//
// becomes the lines between `// #region keyset` and `// #endregion` of that file (in SQL: `-- #region keyset`),
// without their common indentation and without other regions' markers. Without `region=` it is the whole file.
import { readFileSync } from 'node:fs';
import path from 'node:path';

/** The root of the repository: paths in pages begin here. */
const root = path.resolve(__dirname, '../../..');

/** Where comments begin with `#`, as in a configuration of nginx, the second one is left out: `# region upstreams`. */
const marker = /^[ \t]*(?:(?:\/\/|--|\/\*|<!--)[ \t]*#|#[ \t]*#?)(region|endregion)\b[ \t]*([\w-]*)/;

interface Node {
  type: string;
  lang?: string | null;
  meta?: string | null;
  value?: string;
  children?: Node[];
}

/** A remark plugin. Throws, and so fails the build, when a file or region is missing. */
export function snippets() {
  return (tree: Node, page: { path: string }) => {
    fill(tree, path.relative(root, page.path));
  };
}

function fill(node: Node, page: string): void {
  if (node.type === 'code' && node.meta) {
    const { file, region } = options(node.meta);
    if (file) {
      if (node.value) throw new Error(`${page}: the block for ${file} has text of its own; leave it empty.`);
      node.value = read(file, region, page);
      if (!/\btitle=/.test(node.meta)) node.meta += ` title="${file}"`;
    }
  }
  for (const child of node.children ?? []) fill(child, page);
}

function options(meta: string): { file?: string; region?: string } {
  return Object.fromEntries(
    meta
      .split(/\s+/)
      .filter((word) => /^(file|region)=/.test(word))
      .map((word) => word.split('=', 2)),
  );
}

function read(file: string, region: string | undefined, page: string): string {
  let lines: string[];
  try {
    lines = readFileSync(path.join(root, file), 'utf8').trimEnd().split('\n');
  } catch {
    throw new Error(`${page} shows ${file}, but there is no such file.`);
  }
  const shown = region === undefined ? lines : linesOf(region, lines);
  if (!shown) throw new Error(`${page} shows the region "${region}" of ${file}, but the file does not mark it.`);
  return dedent(shown.filter((line) => !marker.test(line)));
}

/** The lines between the region's markers; undefined when it does not begin or does not end. */
function linesOf(region: string, lines: string[]): string[] | undefined {
  const begin = lines.findIndex((line) => {
    const found = marker.exec(line);
    return found?.[1] === 'region' && found[2] === region;
  });
  if (begin === -1) return undefined;
  let depth = 1;
  for (let at = begin + 1; at < lines.length; at += 1) {
    const kind = marker.exec(lines[at] ?? '')?.[1];
    if (kind === 'region') depth += 1;
    if (kind === 'endregion') depth -= 1;
    if (depth === 0) return lines.slice(begin + 1, at);
  }
  return undefined;
}

function dedent(lines: string[]): string {
  const indents = lines.filter((line) => line.trim()).map((line) => line.length - line.trimStart().length);
  const indent = indents.length > 0 ? Math.min(...indents) : 0;
  return lines
    .map((line) => line.slice(indent))
    .join('\n')
    .replace(/^\n+|\n+$/g, '');
}
