// `npm run check -- --watch`: the exercise in front of the learner is judged each time a file of the step is saved.

import path from 'node:path';
import { emitKeypressEvents } from 'node:readline';
import { countHint } from '../run/kept/hints.ts';
import { hasPassed, readProgress, type Progress } from '../run/kept/progress.ts';
import { firstOpen } from '../run/kept/standing.ts';
import { isLearnerFile } from '../run/learner-files.ts';
import { judgeAndNote } from '../run/noted.ts';
import type { Outcome } from '../run/outcome.ts';
import { checkDocument } from '../run/reports/documents.ts';
import { hintLines } from '../run/reports/hints.ts';
import { runningLine } from '../run/reports/running-line.ts';
import { currentLook, outcomeReport, title, verdictLine } from '../run/reports/terminal.ts';
import { Session } from '../run/session.ts';
import { allSteps, type StepPlace } from '../run/steps.ts';
import { turn, type Desk, type Effect, type Event } from '../run/watch/desk.ts';
import { watchFiles, type FileWatch } from '../run/watch/files.ts';
import { footer, keys, savedLine } from '../run/watch/screen.ts';
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

  async #watch(place: StepPlace): Promise<void> {
    await this.#files?.close();
    this.#files = await watchFiles(place.folder, {
      ignored: (file) => !isLearnerFile(file),
      onChange: (files) => {
        if (!process.stdout.isTTY) this.#tell([savedLine(files.map((file) => file.split(path.sep).join('/')))]);
        this.#happen({ kind: 'saved' });
      },
      onPolling: () => this.#tell(['', '  File events do not arrive here, so the files are looked at every 0.15 s.']),
    });
  }

  async #hint(exercise: Exercise): Promise<void> {
    const level = await countHint(this.#desk.place.name, exercise.slug, exercise.hints.length).catch(() => exercise.hints.length);
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
