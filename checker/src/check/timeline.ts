// How a crowd fared, as a picture of letters: a row for each machine, a column for each quarter of a second in which people
// asked. It reads the same without colours.

import { hasFailed, msOf, together, type CrowdMark, type CrowdRecord, type CrowdRequest } from './crowd-record.ts';

export interface Timeline {
  /** How long a column is. */
  columnMs: number;
  /** Where the first column begins, in milliseconds since the crowd began. */
  fromMs: number;
  /** A machine, `not named` or `no answer`; `cells` has a letter for each column. */
  rows: { name: string; cells: string }[];
  /** What happened, each with the letter that stands above its column. */
  marks: { atMs: number; letter: string; what: string }[];
  /** What the letters in the cells mean. */
  legend: string;
}

export interface TimelineOptions {
  /** Machines that have a row even if they never answered. */
  machines?: readonly string[];
  /** What is slow. */
  slowMs?: number;
  /** How many columns there may be. */
  columns?: number;
}

const columnMs = 250;
/** What is shown of the time before anything happened, where there is not room for all of it. */
const leadMs = 1_000;

/** An app may call itself anything, and something else each time: names are cut off, and those beyond share a row. */
const longestName = 32;
const mostNames = 12;

/** From what happened least to what matters most: where columns are put together, the last of these is what is seen. */
const cells = ['.', 'o', 's', 'x'] as const;
type Cell = (typeof cells)[number];

/** The timeline of crowds that were there together. A long one begins where it becomes interesting, or has longer columns. */
export function timelineOf(
  records: CrowdRecord | readonly CrowdRecord[],
  { machines = [], slowMs = 500, columns = 60 }: TimelineOptions = {},
): Timeline {
  const { requests, marks } = together(...[records].flat());
  const isSlow = (request: CrowdRequest): boolean => msOf(request) > slowMs;
  const cellOf = (request: CrowdRequest): Cell => (hasFailed(request) ? 'x' : isSlow(request) ? 's' : 'o');
  const lastMs = Math.max(0, ...requests.map(({ sentAt }) => sentAt), ...marks.map(({ at }) => at));
  const interesting = [...marks.map(({ at }) => at), ...requests.filter((request) => hasFailed(request) || isSlow(request)).map(({ sentAt }) => sentAt)];
  const fitsWhole = columnOf(lastMs, 0) < columns;
  const fromMs = fitsWhole || interesting.length === 0 ? 0 : Math.max(0, Math.floor((Math.min(...interesting) - leadMs) / columnMs) * columnMs);
  const count = columnOf(lastMs, fromMs) + 1;

  const shown = requests.filter(({ sentAt }) => sentAt >= fromMs);
  const names = rowNames(shown, machines);
  const row = (name: string): Timeline['rows'][number] => {
    const asked = Array.from({ length: count }, (): Cell[] => []);
    const isInIt = (request: CrowdRequest): boolean => rowOf(request) === name || (name === others && !names.includes(rowOf(request)));
    for (const request of shown.filter(isInIt)) asked[columnOf(request.sentAt, fromMs)]?.push(cellOf(request));
    return { name, cells: asked.map(worst).join('') };
  };
  const timeline: Timeline = {
    columnMs,
    fromMs,
    rows: names.map(row),
    marks: lettered(marks),
    legend: `. nothing, o answered, s some took over ${slowMs} ms, x some failed${names.includes(unnamed) ? legendOfUnnamed : ''}`,
  };
  return narrowed(timeline, columns);
}

/** Whether something that was kept can be drawn. */
export function isTimeline(value: unknown): value is Timeline {
  const { columnMs, fromMs, rows, marks, legend } = (value ?? {}) as Partial<Record<keyof Timeline, unknown>>;
  const haveTexts = (list: unknown, ...names: string[]): boolean =>
    Array.isArray(list) && list.every((item: unknown) => names.every((name) => typeof (item as Record<string, unknown> | null)?.[name] === 'string'));
  const haveTimes = Array.isArray(marks) && marks.every((mark: unknown) => Number.isFinite((mark as { atMs?: unknown } | null)?.atMs));
  return Number.isFinite(columnMs) && Number.isFinite(fromMs) && typeof legend === 'string' && haveTexts(rows, 'name', 'cells') && haveTexts(marks, 'letter', 'what') && haveTimes;
}

/** The same in no more than so many columns: each is twice, or four times as long, and shows the worst that was in it. */
export function narrowed(timeline: Timeline, columns: number): Timeline {
  const width = timeline.rows[0]?.cells.length ?? 0;
  if (width <= Math.max(1, columns)) return timeline;
  const halved = (row: string): string =>
    Array.from({ length: Math.ceil(row.length / 2) }, (_, column) => worst([...row.slice(column * 2, column * 2 + 2)] as Cell[])).join('');
  const rows = timeline.rows.map((row) => ({ ...row, cells: halved(row.cells) }));
  return narrowed({ ...timeline, columnMs: timeline.columnMs * 2, rows }, columns);
}

function columnOf(ms: number, fromMs: number): number {
  return Math.floor((ms - fromMs) / columnMs);
}

function worst(seen: readonly Cell[]): Cell {
  return cells.findLast((cell) => seen.includes(cell)) ?? '.';
}

const unnamed = 'not named';
const unanswered = 'no answer';
const others = 'others';
/** A balancer's own 502 or 503 comes from none of the machines behind it. */
const legendOfUnnamed = `; ${unnamed}: answers without X-Served-By, often of the balancer itself`;

function rowOf({ machine, silence }: CrowdRequest): string {
  return machine?.slice(0, longestName) ?? (silence === undefined ? unnamed : unanswered);
}

/** Machines by name, and below them what came from others than have a row, and from none. */
function rowNames(requests: readonly CrowdRequest[], machines: readonly string[]): string[] {
  const seen = new Set(requests.map(rowOf));
  const nobody = [unnamed, unanswered].filter((name) => seen.has(name));
  const named = [...new Set([...machines, ...seen])].filter((name) => !nobody.includes(name));
  const withRow = named.slice(0, Math.max(machines.length, mostNames));
  const sorted = withRow.sort((one, other) => one.localeCompare(other, 'en', { numeric: true }));
  return [...sorted, ...(named.length > sorted.length ? [others] : []), ...nobody];
}

function lettered(marks: readonly CrowdMark[]): Timeline['marks'] {
  return marks.slice(0, 26).map(({ at, what }, index) => ({ atMs: Math.round(at), letter: String.fromCharCode('a'.charCodeAt(0) + index), what }));
}
