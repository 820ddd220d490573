// Draws what a command printed as a terminal window. Text stays text: it can be selected, searched and read aloud.

export interface Terminal {
  /** What it shows, for those who do not see it. */
  title: string;
  /** Typed at the prompt. */
  command: string;
  /** One after the other on the same screen; a terminal with one stands still. */
  frames: Frame[];
  columns: number;
}

export interface Frame {
  /** What the command printed, with its colours (ECMA-48, "Select Graphic Rendition"). */
  output: string;
  /** How long it is shown, in seconds. */
  seconds: number;
}

interface Style {
  colour?: string;
  bold?: boolean;
  dim?: boolean;
}

interface Run extends Style {
  /** Counted from 0. */
  column: number;
  text: string;
}

/** Colours that can be read on the window's background, which is dark on light and dark pages alike. */
const palette = { window: '#161b22', edge: '#6e7681', text: '#e6edf3', quiet: '#9aa4af' };
const ofCode: Record<number, string> = { 31: '#ff8f87', 32: '#56d364', 33: '#e3b341', 34: '#79c0ff', 35: '#d2a8ff', 36: '#76e3ea' };
const size = { font: 14, column: 8.4, line: 20, margin: 20, bar: 36 };
// A font that is there: each piece of text is also told how wide it is, so that columns stay columns in any of them.
const fonts = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace";

export function drawTerminal({ title, command, frames, columns }: Terminal): string {
  const prompt = [{ column: 0, text: '$', dim: true }, { column: 2, text: command }];
  const screens = frames.map(({ output }) => [prompt, ...output.trimEnd().split('\n').map(runsOf)]);
  const width = Math.round(columns * size.column + 2 * size.margin);
  const height = size.bar + Math.max(...screens.map((lines) => lines.length)) * size.line + size.margin;
  const description = screens.map((lines) => lines.map((runs) => runs.map(({ text }) => text.trim()).join(' ')).filter(Boolean).join('\n')).join('\n\n');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title desc">`,
    `<title id="title">${escaped(title)}</title>`,
    `<desc id="desc">${escaped(description)}</desc>`,
    ...turns(frames),
    `<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="9" fill="${palette.window}" stroke="${palette.edge}"/>`,
    ...[0, 1, 2].map((index) => `<circle cx="${22 + index * 18}" cy="20" r="5.5" fill="${palette.edge}"/>`),
    ...screens.flatMap((lines, frame) => [
      `<g class="frame-${frame}" font-family="${fonts}" font-size="${size.font}" fill="${palette.text}">`,
      ...lines.flatMap((runs, index) => runs.map((run) => textOf(run, size.bar + (index + 1) * size.line))),
      '</g>',
    ]),
    '</svg>',
    '',
  ].join('\n');
}

/** The frames take turns. Who wants nothing to move sees the first. */
function turns(frames: readonly Frame[]): string[] {
  if (frames.length === 1) return [];
  const whole = frames.reduce((sum, { seconds }) => sum + seconds, 0);
  let shownAt = 0;
  const rules = frames.map(({ seconds }, index) => {
    const [from, to] = [(shownAt / whole) * 100, ((shownAt + seconds) / whole) * 100];
    shownAt += seconds;
    const steps = [...(from > 0 ? [`0%{visibility:hidden}`] : []), `${round(from)}%{visibility:visible}`, ...(to < 100 ? [`${round(to)}%{visibility:hidden}`, `100%{visibility:hidden}`] : [])];
    return `@keyframes frame-${index}{${steps.join('')}}.frame-${index}{animation:frame-${index} ${whole}s step-end infinite${index > 0 ? ';visibility:hidden' : ''}}`;
  });
  return [`<style>${rules.join('')}@media (prefers-reduced-motion:reduce){g{animation:none!important}}</style>`];
}

function textOf({ column, text, colour, bold, dim }: Run, y: number): string {
  const fill = colour ?? (dim ? palette.quiet : undefined);
  const attributes = [
    `x="${round(size.margin + column * size.column)}"`,
    `y="${y}"`,
    `textLength="${round([...text].length * size.column)}"`,
    ...(fill === undefined ? [] : [`fill="${fill}"`]),
    ...(bold ? ['font-weight="bold"'] : []),
  ];
  return `<text ${attributes.join(' ')}>${escaped(text)}</text>`;
}

const escape = String.fromCharCode(27);
/** A change of style, or text up to the next. */
const pieces = new RegExp(`${escape}\\[([\\d;]*)m|([^${escape}]+)`, 'g');

/** The pieces of one line that look alike. Runs of spaces are gaps between pieces. */
function runsOf(line: string): Run[] {
  const runs: Run[] = [];
  let style: Style = {};
  let column = 0;
  for (const [, codes, text = ''] of line.matchAll(pieces)) {
    if (codes !== undefined) {
      for (const code of codes.split(';')) style = restyled(style, Number(code));
      continue;
    }
    for (const { 0: piece, index } of text.matchAll(/\S+(?: \S+)*/g)) {
      runs.push({ ...style, column: column + [...text.slice(0, index)].length, text: piece });
    }
    column += [...text].length;
  }
  return runs;
}

function restyled(style: Style, code: number): Style {
  if (code === 0) return {};
  if (code === 1) return { ...style, bold: true };
  if (code === 2) return { ...style, dim: true };
  if (code === 22) return { ...style, bold: false, dim: false };
  if (code === 39) return { ...style, colour: undefined };
  const colour = ofCode[code];
  if (colour === undefined) throw new Error(`The picture has no look for the terminal's code ${code}.`);
  return { ...style, colour };
}

function round(number: number): number {
  return Math.round(number * 100) / 100;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
