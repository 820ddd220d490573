// A crowd's timeline as text: drawn for those who see it, and in words for those who hear it. Pure; the pages use it too.

import { narrowed, type Timeline } from '../../check/timeline.ts';

export const timelineTitle = 'how the crowd fared, from left to right';

export interface Drawing {
  /** The picture, none of its lines wider than it may be. */
  lines: string[];
  /** What its letters mean. They are of any length. */
  notes: string[];
}

const fewestCells = 8;
/** A time stands above every twentieth column. */
const tickCells = 20;

/** The picture of a timeline. @param width how many columns there are for it, names included */
export function drawTimeline(timeline: Timeline, width: number): Drawing {
  const nameWidth = Math.max(10, ...timeline.rows.map(({ name }) => name.length + 1));
  const { columnMs, fromMs, rows, marks, legend } = narrowed(timeline, Math.max(fewestCells, width - nameWidth));
  const count = rows[0]?.cells.length ?? 0;
  const beside = (name: string, cells: string): string => `${name.padEnd(nameWidth)}${cells}`.trimEnd();
  return {
    lines: [
      beside('', axis(count, columnMs, fromMs)),
      ...(marks.length > 0 ? [beside('', markLine(marks.map(({ atMs, letter }) => ({ letter, column: Math.floor((atMs - fromMs) / columnMs) }))))] : []),
      ...rows.map(({ name, cells }) => beside(name, cells)),
    ],
    notes: [`a column is ${seconds(columnMs)}: ${legend}`, ...marks.map(({ letter, atMs, what }) => `${letter}: ${what}, at ${seconds(atMs)}`)],
  };
}

/** What the picture shows, in sentences: of each row, when it answered, and when some were slow or failed. */
export function timelineInWords({ columnMs, fromMs, rows, marks }: Timeline): string {
  const at = (column: number): string => seconds(fromMs + column * columnMs);
  const when = (cells: string, letter: string): string | undefined => {
    const [first, last] = [cells.indexOf(letter), cells.lastIndexOf(letter)];
    return first === -1 ? undefined : `from ${at(first)} to ${at(last + 1)}`;
  };
  const ofRow = ({ name, cells }: Timeline['rows'][number]): string => {
    const [answered, slow, failed] = [when(cells.replaceAll('s', 'o'), 'o'), when(cells, 's'), when(cells, 'x')];
    const said = [answered && `answered ${answered}`, slow && `some slow ${slow}`, failed && `some failed ${failed}`].filter(Boolean);
    return `${name}: ${said.join(', ') || 'nothing'}.`;
  };
  return [...rows.map(ofRow), ...marks.map(({ what, atMs }) => `At ${seconds(atMs)}: ${what}.`)].join(' ');
}

function axis(count: number, columnMs: number, fromMs: number): string {
  let line = '';
  for (let column = 0; column < count; column += tickCells) {
    const label = seconds(fromMs + column * columnMs);
    if (column === 0 || column + label.length <= count) line = line.padEnd(column) + label;
  }
  return line;
}

/** A letter above each column in which something happened; where there is one already, the next column has to do. */
function markLine(marks: readonly { letter: string; column: number }[]): string {
  return marks.reduce((line, { letter, column }) => line.padEnd(Math.max(0, column)) + letter, '');
}

/** `2.5 s` */
function seconds(ms: number): string {
  return `${Number((ms / 1_000).toFixed(2))} s`;
}
