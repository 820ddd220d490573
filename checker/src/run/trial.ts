import { App } from '../check/app.ts';
import { Browser } from '../check/browser/browser.ts';
import type { BrowserOptions, Check, StartOptions } from '../check/exercise.ts';
import { NotRun, type Finding } from '../check/failure.ts';
import { notOnDocker, withoutDocker } from '../compose/not-on-docker.ts';
import { endOf, RunningBrowser } from '../runtime/index.ts';
import { StackError } from '../stack/stack-error.ts';
import type { Exercise, Step } from '../stack/step.ts';
import { missingOfFixed } from '../stack/validate.ts';
import type { Courtroom, Subject } from './courtroom.ts';
import { excerpt, isNews } from './findings.ts';

/** The step from which on bytes go to storage. */
const firstWithStorage = 5;

/** What is more, nobody reads. */
const mostLogs = 3;

/** One run of one check. */
export class Trial {
  readonly #room: Courtroom;
  readonly #subject: Subject;
  readonly #exercise: Exercise;
  readonly #started: () => void;
  readonly #apps: App[] = [];
  readonly #starting = new Set<Promise<unknown>>();
  /** One program, in which each person has a profile of their own. */
  #browser: Promise<RunningBrowser> | undefined;
  #ended = false;
  #end: () => void = () => undefined;
  /** Rejects when the trial ends. */
  readonly #over: Promise<never>;

  /** @param started called when the check has its machines */
  constructor(room: Courtroom, subject: Subject, exercise: Exercise, started: () => void) {
    this.#room = room;
    this.#subject = subject;
    this.#exercise = exercise;
    this.#started = started;
    this.#over = new Promise((_resolve, reject) => (this.#end = () => reject(new NotRun('Interrupted.'))));
    this.#over.catch(() => undefined);
  }

  /** Looks at what is fixed, then lets the check do its work. @param asItIs without looking. @throws what the check throws, StackError */
  async run(check: Check, asItIs: boolean): Promise<void> {
    const { step, stepFolder } = this.#subject;
    const reason = this.#room.isOnDocker ? notOnDocker[this.#exercise.slug] : undefined;
    // The pain is shown, and judges nobody.
    if (reason !== undefined && !asItIs) throw new NotRun(reason, withoutDocker);
    const { description } = await this.#room.prepare(stepFolder);
    const missing = asItIs ? undefined : missingOfFixed(description, step.fixed);
    if (missing !== undefined) throw new StackError(missing, fixedNames(step));
    await check({
      step,
      exercise: this.#exercise,
      description,
      start: (options) => {
        const starting = this.#start(options);
        // A check may do something else before it waits for it, and fail there: then nobody does.
        starting.catch(() => undefined);
        return starting;
      },
      openBrowser: (app, options) => this.#openBrowser(app, options),
      timed: (section) => this.#room.undisturbed(() => this.#ifWanted(section), this.#over),
    });
  }

  /** Stops all that was started for it, and lets nothing more be started. */
  async end(): Promise<void> {
    this.#ended = true;
    this.#end();
    await Promise.allSettled([...this.#starting, this.#browser]);
    // What did not start is not there to be closed.
    await (await this.#browser?.catch(() => undefined))?.close();
    await Promise.all(
      this.#apps.map(async (app) => {
        await app.close();
        await app.stack.stop();
      }),
    );
  }

  /** Programs that ended by themselves: often the reason why something else is missing. */
  ended(): string[] {
    const machines = [...(this.#apps.at(-1)?.stack.machines.values() ?? [])];
    return machines.flatMap(({ name, services }) => services.flatMap((service) => endOf(service, name, 'had ended') ?? []));
  }

  /** The last that programs of the learner's printed, if it was more than that they are there: those of a machine, or of all where that one has nothing to tell. */
  logs(machine?: string): NonNullable<Finding['log']> {
    const app = this.#apps.at(-1);
    if (!app) return [];
    const told = [...app.stack.machines.values()]
      .flatMap(({ name, services }) =>
        services
          .filter(({ description: { kind } }) => kind !== 'postgres' && kind !== 'redis')
          .map(({ log }) => ({ machine: name, lines: excerpt(log.tail(), 8) })),
      )
      .filter(({ lines }) => lines.some(isNews));
    const own = told.filter(({ machine: name }) => name === machine);
    // A balancer that finds no machine to ask says nothing; the machines say why.
    return own.length > 0 ? own : told.slice(0, mostLogs);
  }

  /** It may have waited for its turn, and nobody for it. */
  #ifWanted<Result>(section: () => Promise<Result>): Promise<Result> {
    return this.#ended ? this.#over : section();
  }

  async #start(options: StartOptions = {}): Promise<App> {
    if (this.#ended) throw new NotRun('Interrupted.');
    const isPlain = !options.rearrange && !options.off && !options.hosts && !options.variables && !options.standIns;
    const starting = isPlain ? this.#room.startPlain(this.#subject) : this.#room.startStack(this.#subject, options);
    this.#starting.add(starting);
    const app = new App(await starting, this.#subject.step.number >= firstWithStorage ? { uploadsTo: 'storage' } : {});
    this.#apps.push(app);
    if (this.#ended) throw new NotRun('Interrupted.');
    if (!options.unready && !options.off) await app.untilReady();
    this.#started();
    return app;
  }

  async #openBrowser(app: App, { region }: BrowserOptions = {}): Promise<Browser> {
    if (this.#ended) throw new NotRun('Interrupted.');
    const { run, ports } = this.#room;
    this.#browser ??= RunningBrowser.launch(run);
    return new Browser(app, await (await this.#browser).open(app.stack, ports, region), region);
  }
}

const enumeration = new Intl.ListFormat('en-GB');

/** `the machines "client", "api" and "db", and the entrances "web" and "api"` */
function fixedNames({ fixed }: Step): string {
  const [machines, entrances] = [fixed.machines, fixed.entrances].map((named) => enumeration.format(named.map(({ name }) => `"${name}"`)));
  return `the machines ${machines}, and the entrances ${entrances}`;
}
