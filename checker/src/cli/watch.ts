// `npm run check -- --watch`: the exercise in front of the learner is judged each time a file of the step is saved.

import path from 'node:path';
import { emitKeypressEvents } from 'node:readline';
import { countHint } from '../run/kept/hints.ts';
import { hasPassed, readProgress, type Progress } from '../run/kept/progress.ts';
import { firstOpen } from '../run/kept/standing.ts';
import { isLearnerFile } from '../run/learner-files.ts';
import { isBlocked, judgeAndNote } from '../run/noted.ts';
import type { Outcome } from '../run/outcome.ts';
import { checkDocument } from '../run/reports/documents.ts';
import { hintLines } from '../run/reports/hints.ts';
import { paint } from '../run/reports/paint.ts';
import { runningLine } from '../run/reports/running-line.ts';
import { currentLook, outcomeReport, verdictLine } from '../run/reports/terminal.ts';
import { Session } from '../run/session.ts';
import { allSteps, type StepPlace } from '../run/steps.ts';
import { turn, type Desk, type Effect, type Event } from '../run/watch/desk.ts';
import { watchFiles, type FileWatch } from '../run/watch/files.ts';
import { footer, header, keys, savedLine } from '../run/watch/screen.ts';
import type { Exercise } from '../stack/step.ts';
import { ExitCode } from './exit.ts';
import { interruption } from './interrupt.ts';
import { targetOf } from './target.ts';

/** Returns the exit code, when the learner is done. */
export async function watch(word: string | undefined, { json }: { json: boolean }): Promise<number> {
  const target = await targetOf(word);
  const [places, progress] = [await allSteps(), await readProgress()];
  const place = places.find(({ name }) => name === target.name)!;
  const exercise = target.exercise ?? firstOpen(place, progress) ?? place.step.exercises[0]!;
  const watching = new Watching({ places, place, exercise, known: passedOf(places, progress), judging: 'nothing' }, json);
  return watching.run();
}

function passedOf(places: readonly StepPlace[], progress: Progress): Map<string, Outcome['verdict']> {
  const passed = places.flatMap(({ name, step }) => step.exercises.filter((exercise) => hasPassed(progress, name, exercise)));
  return new Map(passed.map(({ slug }) => [slug, 'passed']));
}

class Watching {
  #desk: Desk;
  readonly #json: boolean;
  readonly #session = new Session();
  readonly #running = runningLine();
  #abandon = new AbortController();
  #files: FileWatch | undefined;
  #quit: (code: number) => void = () => undefined;

  constructor(desk: Desk, json: boolean) {
    this.#desk = desk;
    this.#json = json;
  }

  async run(): Promise<number> {
    const signal = interruption('Stopping the machines. Ctrl-C again leaves at once.');
    const quit = new Promise<number>((resolve) => (this.#quit = resolve));
    signal.addEventListener('abort', () => this.#quit(ExitCode.interrupted), { once: true });
    this.#session.open();
    const stopListening = this.#listenToKeys();
    await this.#watch(this.#desk.place);
    this.#happen({ kind: 'pressed', key: 'again' });
    const code = await quit;
    stopListening();
    this.#running.clear();
    this.#abandon.abort();
    await this.#files?.close();
    await this.#session.close();
    return code;
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
        this.#quit(ExitCode.ok);
    }
  }

  async #judge(exercises: readonly Exercise[]): Promise<void> {
    this.#abandon.abort();
    const { signal } = (this.#abandon = new AbortController());
    const { place } = this.#desk;
    this.#running.clear();
    if (!this.#json) this.#clear();
    const look = currentLook();
    this.#tell(header(this.#desk, look));
    const { outcomes, notKept } = await judgeAndNote(
      this.#session,
      { place, exercises, all: true, again: true },
      {
        started: ({ number, title }) => {
          if (!this.#json) this.#running.show(`  … ${number}  ${title}`);
        },
        judged: (exercise, outcome) => {
          this.#running.clear();
          this.#tell([verdictLine(exercise, outcome, look), ...(isBlocked(outcome) ? [] : outcomeReport(exercise, place.name, outcome, look))]);
          this.#happen({ kind: 'judged', exercise, outcome });
        },
      },
      signal,
    );
    if (signal.aborted) return;
    this.#happen({ kind: 'done' });
    if (notKept !== undefined) console.error(`  The verdicts could not be kept: ${notKept}.`);
    if (this.#json) console.log(JSON.stringify(checkDocument(place, outcomes, { interrupted: false, notKept })));
    if (process.stdin.isTTY) this.#tell(footer(this.#desk, look));
  }

  async #watch(place: StepPlace): Promise<void> {
    await this.#files?.close();
    this.#files = await watchFiles(place.folder, {
      ignored: (file) => !isLearnerFile(file),
      onChange: (files) => {
        this.#running.clear();
        this.#happen({ kind: 'saved' });
        if (!process.stdout.isTTY) this.#tell([savedLine(files.map((file) => file.split(path.sep).join('/')))]);
      },
      onPolling: () => this.#tell(['', '  File events do not arrive here, so the files are looked at every 0.15 s.']),
    });
  }

  async #hint(exercise: Exercise): Promise<void> {
    const level = await countHint(this.#desk.place.name, exercise.slug, exercise.hints.length).catch(() => exercise.hints.length);
    this.#tell(hintLines(exercise, level, currentLook()));
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
    if (!this.#json) console.log(lines.join('\n'));
  }

  /** Each run begins on an empty screen; what was there can be scrolled to. */
  #clear(): void {
    if (process.stdout.isTTY) process.stdout.write('\n'.repeat(process.stdout.rows - 1) + paint.reset('') + '\u001b[H\u001b[J');
  }
}
