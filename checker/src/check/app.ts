// The learner's app while it is checked: the machines it runs on, and the people who use it.

import { machinesWith, type Region } from '../stack/description.ts';
import type { RunningMachine, RunningStack, Wire } from '../runtime/index.ts';
import { pause, until } from '../runtime/until.ts';
import type { Answer } from './answer.ts';
import { Crowd, type CrowdOptions } from './crowd.ts';
import { Database } from './database.ts';
import { Failure, NotRun } from './failure.ts';
import { Redis } from './redis.ts';
import { clip, isNotNow, requireStatus } from './require.ts';
import { User, type UserOptions } from './user.ts';

/** For how long somebody comes again who was told to. */
const politeMs = 5_000;

export type AppOptions = Pick<UserOptions, 'uploadsTo'>;

/** Where somebody is, and whether they go to a machine past every entrance. */
interface Whereabouts {
  region?: Region;
  machine?: string | undefined;
}

export class App {
  readonly stack: RunningStack;
  readonly #options: AppOptions;
  readonly #users: User[] = [];
  readonly #crowds: Crowd[] = [];
  readonly #databases = new Map<string, Database>();
  readonly #redises = new Map<string, Redis>();

  constructor(stack: RunningStack, options: AppOptions = {}) {
    this.stack = stack;
    this.#options = options;
  }

  /** A machine of the stack. @throws StackError when there is none of this name. */
  machine(name: string): RunningMachine {
    return this.stack.machine(name);
  }

  /** The wire from one machine to another. @throws StackError when the one does not know the other's address. */
  wire(consumer: string, provider: string): Wire {
    return this.stack.wire(consumer, provider);
  }

  /** The database on a machine; with no name, the first that is no standby. */
  database(machine = this.#primary()): Database {
    const database = this.#databases.get(machine) ?? new Database(this.stack, machine);
    this.#databases.set(machine, database);
    return database;
  }

  /** The Redis on a machine; with no name, the first there is. */
  redis(machine = machinesWith(this.stack.description, 'redis')[0] ?? 'cache'): Redis {
    const redis = this.#redises.get(machine) ?? new Redis(this.stack, machine);
    this.#redises.set(machine, redis);
    return redis;
  }

  /** Somebody who has not signed up yet. With a machine: who goes to that one past every entrance, also for what is relative to the page. */
  visitor(username = 'visitor', machine?: string): User {
    return this.#person(username, this.#ways({ machine }));
  }

  /** As `visitor`, in a region: by its entrances, and with its distance to all that the app gives an address of. @throws StackError when nobody comes in there. */
  visitorIn(region: Region, username = 'visitor', machine?: string): User {
    return this.#person(username, this.#ways({ region, machine }));
  }

  /** Somebody with an address of their own. @throws NotRun where the system has too few addresses. */
  visitorFrom(address: string, username = 'visitor'): User {
    if (!this.stack.showsAddresses) {
      throw new NotRun('On Docker everybody has the same address, and an app cannot tell people apart by it.', 'Run this exercise without --docker.');
    }
    if (process.platform !== 'linux') {
      throw new NotRun('People cannot have addresses of their own on this system.', 'Run this exercise on Linux or in WSL2.');
    }
    return this.#person(username, { ...this.#ways({}), address });
  }

  /** Somebody who has signed up and is logged in; with a machine, at that one, past every entrance. @throws Failure when that does not work. */
  async member(username: string, { machine, region }: Whereabouts = {}): Promise<User> {
    const user = this.#person(username, this.#ways({ machine, ...(region && { region }) }));
    let answer = await user.signsUp();
    // Who is told to come again in a moment does so: a machine, or the balancer before it, may not be ready yet.
    const startedAt = performance.now();
    while (answer.status === 503 && answer.headers['retry-after'] !== undefined && performance.now() - startedAt < politeMs) {
      await pause(200);
      answer = await user.signsUp();
    }
    requireStatus(answer, 201, {
      did: machine === undefined ? `${user.name} signed up` : `${user.name} signed up at ${machine}`,
      why: 'Everything in Graminsta begins with signing up.',
    });
    return user;
  }

  /** `count` people who have signed up: `fan1`, `fan2` and so on. */
  members(prefix: string, count: number, whereabouts: Whereabouts = {}): Promise<User[]> {
    return Promise.all(Array.from({ length: count }, (_, index) => this.member(`${prefix}${index + 1}`, whereabouts)));
  }

  /** People who come whether or not those before them were served, from now on; all over one visitor's connections unless it is said who. */
  crowd({ people = [this.visitor()], ...options }: Omit<CrowdOptions, 'people'> & Partial<Pick<CrowdOptions, 'people'>>): Crowd {
    const crowd = new Crowd({ people, ...options });
    this.#crowds.push(crowd);
    return crowd;
  }

  /** Asks `/readyz` until it says yes. @throws Failure when it does not. */
  async untilReady({
    timeoutMs = 10_000,
    did = 'The stack was started',
    why = 'A machine that never says it is ready gets no users.',
    machine,
  }: { timeoutMs?: number; did?: string; why?: string; machine?: string } = {}): Promise<void> {
    await this.untilAnswer('/readyz', (answer) => answer.status === 200, {
      timeoutMs,
      did,
      ...(machine !== undefined && { machine }),
      expected: `GET /readyz → 200 within ${timeoutMs / 1000} s`,
      why,
    });
  }

  /** Asks the same again and again until the answer is as wanted. @throws Failure "too slow", with the last answer. */
  async untilAnswer(
    path: string,
    wanted: (answer: Answer) => boolean,
    { timeoutMs, did, expected, why, machine }: { timeoutMs: number; did: string; expected: string; why: string; machine?: string },
  ): Promise<Answer> {
    const visitor = this.visitor('visitor', machine);
    let last: Answer | undefined;
    try {
      return await until(
        expected,
        async () => {
          last = await visitor.client.send({ url: path, timeoutMs: Math.min(timeoutMs, 5_000) });
          return wanted(last) ? last : undefined;
        },
        { timeoutMs, everyMs: 20 },
      );
    } catch {
      const body = clip(last?.body.toString('utf8') ?? '');
      // A yes that should be a no: how quickly it came tells whether anybody was asked.
      const more = !last || last.silence ? '' : last.ok ? ` after ${Math.round(last.ms)} ms, with ${body || 'nothing'}` : last.toString().includes('(') ? '' : ` ${body}`;
      throw new Failure({
        kind: last?.silence ? 'no answer' : last && isNotNow(last) ? 'too slow' : 'wrong answer',
        did,
        saw: last ? `${last.toString()}${more}`.trim() : 'nothing',
        expected,
        why,
        // Who does not say their name is told by where they were asked.
        machine: last?.machine ?? machine ?? this.stack.entranceMachine('api'),
      });
    } finally {
      visitor.client.close();
    }
  }

  #primary(): string {
    const { machines } = this.stack.description;
    return machines.find(({ services }) => services.some((service) => service.kind === 'postgres' && service.replicaOf === undefined))?.name ?? 'db';
  }

  #person(username: string, options: UserOptions): User {
    const user = new User(username, { ...this.#options, ...options });
    this.#users.push(user);
    return user;
  }

  /** Where programs come in and where the page is, if there is one: public addresses, and what leads there from a region. */
  #ways({ region = 'us', machine }: Whereabouts): Pick<UserOptions, 'base' | 'page' | 'ways'> {
    const { stack } = this;
    const ways = stack.publicWays(region);
    if (machine !== undefined) return { base: stack.publicUrl(machine), ways };
    const addressOf = (entrance: string): string => stack.publicUrl(stack.entranceMachine(entrance, region));
    const base = addressOf('api');
    return 'web' in stack.description.entrances ? { base, page: addressOf('web'), ways } : { base, ways };
  }

  /** Lets go of everything that the checker itself holds. */
  async close(): Promise<void> {
    for (const crowd of this.#crowds) crowd.disperse();
    for (const user of this.#users) user.client.close();
    for (const redis of this.#redises.values()) redis.close();
    await Promise.all([...this.#databases.values()].map((database) => database.close()));
  }
}
