// The learner's desk in a terminal: keys and saved files come in, verdicts and reports go out. What follows from what is in
// `desk.ts`, without a terminal.

import path from 'node:path';
import { emitKeypressEvents } from 'node:readline';
import type { Exercise } from '../../stack/step.ts';
import { countHint } from '../kept/hints.ts';
import { isLearnerFile } from '../learner-files.ts';
import { judgeAndNote } from '../noted.ts';
import { checkDocument } from '../reports/documents.ts';
import { hintLines } from '../reports/hints.ts';
import { runningLine } from '../reports/running-line.ts';
import { currentLook, outcomeReport, title, verdictLine } from '../reports/terminal.ts';
import { Session } from '../session.ts';
import type { StepPlace } from '../steps.ts';
import { turn, type Desk, type Effect, type Event } from './desk.ts';
import { watchFiles, type FileWatch } from './files.ts';
import { footer, keys, savedLine } from './screen.ts';

export class Watching {
  #desk: Desk;
  readonly #json: boolean;
  readonly #session: Session;
  readonly #running = runningLine();
  /** The levels of hints that were shown, by exercise. */
  readonly #hints = new Map<string, number>();
  #abandon = new AbortController();
  /** Of the step in front; one after the other, however quickly people move. */
  #files: Promise<FileWatch | undefined> = Promise.resolve(undefined);
  #leave: () => void = () => undefined;

  /**
   * @param json prints a document on one line for each run, and nothing else
   * @param onDocker machines are containers, all of them
   */
  constructor(desk: Desk, json: boolean, onDocker = false) {
    this.#session = new Session({ onDocker });
    this.#desk = desk;
    this.#json = json;
  }

  /** Goes on until the learner leaves, or the signal says so; everything is stopped then. */
  async run(signal: AbortSignal): Promise<void> {
    const left = new Promise<void>((resolve) => (this.#leave = resolve));
    signal.addEventListener('abort', () => this.#leave(), { once: true });
    this.#session.open();
    const stopListening = this.#listenToKeys();
    await this.#watch(this.#desk.place);
    this.#happen({ kind: 'pressed', key: 'again' });
    await left;
    stopListening();
    this.#running.clear();
    this.#abandon.abort();
    await (await this.#files)?.close();
    await this.#session.close();
  }

  #happen(event: Event): void {
    const { desk, effects } = turn(this.#desk, event);
    this.#desk = desk;
    for (const effect of effects) this.#do(effect);
  }

  #do(effect: Effect): void {
    switch (effect.kind) {
      case 'judge':
        void this.#judge(effect.exercises);
        break;
      case 'watch':
        void this.#watch(effect.place);
        break;
      case 'hint':
        void this.#hint(effect.exercise);
        break;
      case 'say':
        this.#tell(['', `  ${effect.text}`]);
        break;
      case 'quit':
        this.#leave();
    }
  }

  async #judge(exercises: readonly Exercise[]): Promise<void> {
    this.#abandon.abort();
    const { signal } = (this.#abandon = new AbortController());
    const { place } = this.#desk;
    const look = currentLook();
    this.#running.clear();
    this.#clear();
    this.#tell(['', title(place.step), '']);
    const { outcomes, notKept } = await judgeAndNote(
      this.#session,
      { place, exercises, all: true, again: true },
      {
        started: (exercise) => {
          if (!this.#json) this.#running.show(`  … ${exercise.number}  ${exercise.title}`);
        },
        judged: (exercise, outcome) => {
          this.#running.clear();
          this.#tell([verdictLine(exercise, outcome, look)]);
          this.#happen({ kind: 'judged', exercise, outcome });
        },
      },
      signal,
    );
    if (signal.aborted) return;
    this.#happen({ kind: 'done' });
    // Of several, the report on the one to work on; the others have theirs when it is their turn.
    const last = outcomes.find(({ exercise }) => exercise === this.#desk.exercise);
    if (last) this.#tell(outcomeReport(last.exercise, place.name, last.outcome, look));
    if (notKept !== undefined) console.error(`  The verdicts could not be kept: ${notKept}.`);
    if (this.#json) console.log(JSON.stringify(checkDocument(place, outcomes, { interrupted: false, notKept })));
    this.#tellKeys();
  }

  #watch(place: StepPlace): Promise<unknown> {
    this.#files = this.#files.then(async (before) => {
      await before?.close();
      return watchFiles(place.folder, {
        ignored: (file) => !isLearnerFile(file),
        onChange: (files) => {
          if (!process.stdout.isTTY) this.#tell([savedLine(files.map((file) => file.split(path.sep).join('/')))]);
          this.#happen({ kind: 'saved' });
        },
        onPolling: () => this.#tell(['', '  File events do not arrive here, so the files are looked at every 0.15 s.']),
      });
    });
    return this.#files;
  }

  async #hint(exercise: Exercise): Promise<void> {
    const asked = Math.min(exercise.hints.length, (this.#hints.get(exercise.number) ?? 0) + 1);
    // Where it cannot be kept, it is counted for as long as the desk is there.
    const level = await countHint(this.#desk.place.name, exercise.slug, exercise.hints.length).catch(() => asked);
    this.#hints.set(exercise.number, level);
    this.#tell(hintLines(exercise, level, currentLook()));
    if (this.#desk.judging === 'nothing') this.#tellKeys();
  }

  /** A terminal hands over each key at once, also Ctrl-C. Without one there are no keys. */
  #listenToKeys(): () => void {
    const { stdin } = process;
    if (!stdin.isTTY) return () => undefined;
    const press = (_text: string | undefined, { name = '', ctrl = false }: { name?: string; ctrl?: boolean }): void => {
      if (ctrl && (name === 'c' || name === 'd')) return void process.kill(process.pid, 'SIGINT');
      const key = keys[name.toLowerCase()];
      if (key) this.#happen({ kind: 'pressed', key });
    };
    emitKeypressEvents(stdin);
    stdin.setRawMode(true).resume().on('keypress', press);
    return () => void stdin.off('keypress', press).setRawMode(false).pause();
  }

  #tell(lines: readonly string[]): void {
    if (!this.#json && lines.length > 0) this.#running.print(lines);
  }

  #tellKeys(): void {
    if (process.stdin.isTTY) this.#tell(footer(this.#desk, currentLook()));
  }

  /** Each run begins on an empty screen; what was there can be scrolled to. */
  #clear(): void {
    const { stdout } = process;
    if (this.#json || !stdout.isTTY) return;
    stdout.write('\n'.repeat(stdout.rows));
    stdout.cursorTo(0, 0);
    stdout.clearScreenDown();
  }
}
