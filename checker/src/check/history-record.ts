// People whose every write and read is noted: who, where, when, and what came back. Each does one thing after the other, at
// whichever machine is said, and takes along what the app gave them.

import type { Answer } from './answer.ts';
import type { App } from './app.ts';
import type { History, Operation, Outcome, Write } from './history-types.ts';
import { distinct, pictures } from './picture.ts';
import { isNotNow, requireStatus } from './require.ts';
import { feedIn, photoIn } from './shapes.ts';
import type { FeedPage, User } from './user.ts';

const why = 'What an app says of the same photo has to be readable before it can be compared.';

/** Where a page of the feed begins. */
export interface Turned {
  /** The photo above it. */
  behind: string;
  /** The cursor. */
  before: string;
}

/** All that people did and saw. */
export class Chronicle {
  readonly done: Operation[] = [];
  /** Writes that have begun: others may see what nobody was told of yet. */
  readonly underWay = new Set<Write>();
  /** How many there are. */
  people = 0;
  readonly #app: App;
  /** Every answer to a read, also those that are none. */
  readonly reads: Answer[] = [];
  readonly writes: Answer[] = [];

  constructor(app: App) {
    this.#app = app;
  }

  /** As of now. */
  get history(): History {
    return [...this.done, ...this.underWay];
  }

  /** Somebody with an account. @throws Failure when there is none to be had */
  async member(username: string): Promise<Witness> {
    return new Witness(this, this.#app, await this.#app.member(username));
  }

  /** Somebody without one. */
  visitor(name: string): Witness {
    return new Witness(this, this.#app, this.#app.visitor(name));
  }
}

export class Witness {
  readonly name: string;
  /** Tells two devices of one person apart. */
  readonly #session: string;
  readonly #chronicle: Chronicle;
  readonly #app: App;
  /** At the entrance; who they are, and where they have come to. */
  readonly #self: User;
  /** The same person at machines, past every entrance. */
  readonly #at = new Map<string, User>();

  constructor(chronicle: Chronicle, app: App, self: User) {
    this.name = self.name;
    this.#session = `${self.name} ${(chronicle.people += 1)}`;
    this.#chronicle = chronicle;
    this.#app = app;
    this.#self = self;
  }

  /** The same person on another device: logged in as they are, and with no idea of what they have seen here. */
  anotherDevice(): Witness {
    const user = this.#app.visitor(this.#self.username);
    user.client.resume(this.#self.client);
    user.client.position = undefined;
    return new Witness(this.#chronicle, this.#app, user);
  }

  /** Posts a photo. @param machine where; at the entrance unless it is said @returns its id; undefined where there is none */
  async posts(caption: string, machine?: string): Promise<string | undefined> {
    const startedAt = performance.now();
    const answer = await this.#does(machine, (self) => self.uploads(distinct(pictures.png, caption), { caption }));
    const { id } = answer.ok ? photoIn(answer, [200, 201], { did: `${this.name} posted "${caption}"`, why }) : {};
    if (id !== undefined) this.#wrote('post', id, answer, { caption, startedAt });
    else this.#chronicle.writes.push(answer);
    return id;
  }

  async deletes(photo: string, machine?: string): Promise<Answer> {
    return this.#changes('delete', photo, machine, (self) => self.deletes(photo));
  }

  async likes(photo: string, machine?: string): Promise<Answer> {
    return this.#changes('like', photo, machine, (self) => self.likes(photo));
  }

  async unlikes(photo: string, machine?: string): Promise<Answer> {
    return this.#changes('unlike', photo, machine, (self) => self.unlikes(photo));
  }

  /** Looks at the feed's first page. @returns the photos on it, newest first; undefined where it was not answered */
  async feed(machine?: string, limit?: number): Promise<string[] | undefined> {
    const page = await this.#page('feed', { limit }, machine);
    return page?.photos.map(({ id }) => id);
  }

  /** Looks at the newest photo alone. @returns where the page behind it begins; undefined where there is none */
  async newest(machine?: string): Promise<Turned | undefined> {
    const { photos: [photo] = [], next } = (await this.#page('feed', { limit: 1 }, machine)) ?? {};
    return photo && typeof next === 'string' ? { behind: photo.id, before: next } : undefined;
  }

  /** Turns the page. */
  async turns({ behind, before }: Turned, machine?: string, limit?: number): Promise<void> {
    await this.#page({ behind }, { before, limit }, machine);
  }

  /** Looks at one photo. */
  async photo(id: string, machine?: string): Promise<void> {
    const answer = await this.#does(machine, (self) => self.photo(id));
    this.#chronicle.reads.push(answer);
    if (answer.silence !== undefined || isNotNow(answer)) return;
    const told = { did: `${this.name} looked at a photo`, why };
    requireStatus(answer, [200, 404], told);
    const shown = answer.status === 200 ? { [id]: photoIn(answer, 200, told).likes } : {};
    this.#note({ kind: 'read', looked: { photo: id }, shown, whole: false }, answer);
  }

  async #page(looked: 'feed' | { behind: string }, which: { before?: string; limit?: number | undefined }, machine?: string): Promise<FeedPage | undefined> {
    const answer = await this.#does(machine, (self) => self.feed(which));
    this.#chronicle.reads.push(answer);
    if (answer.silence !== undefined || isNotNow(answer)) return undefined;
    const page = feedIn(answer, { did: `${this.name} ${looked === 'feed' ? 'opened the feed' : 'turned the page of the feed'}`, why });
    const shown = Object.fromEntries(page.photos.map(({ id, likes }) => [id, likes]));
    this.#note({ kind: 'read', looked, shown, whole: page.next === null || page.next === undefined }, answer);
    return page;
  }

  /** At a machine as at the entrance one is the same person, who has come as far. */
  async #does(machine: string | undefined, work: (self: User) => Promise<Answer>): Promise<Answer> {
    const self = machine === undefined ? this.#self : (this.#at.get(machine) ?? this.#app.visitor(this.#self.username, machine));
    if (machine !== undefined) this.#at.set(machine, self);
    self.client.resume(this.#self.client);
    const answer = await work(self);
    // With whatever they were given there to carry: a position, or a cookie.
    this.#self.client.resume(self.client);
    return answer;
  }

  async #changes(kind: Write['kind'], photo: string, machine: string | undefined, change: (self: User) => Promise<Answer>): Promise<Answer> {
    const begun: Write = { kind, photo, outcome: 'unknown', who: this.name, session: this.#session, startedAt: performance.now(), endedAt: Infinity };
    this.#chronicle.underWay.add(begun);
    const answer = await this.#does(machine, change);
    this.#chronicle.underWay.delete(begun);
    return this.#wrote(kind, photo, answer);
  }

  #wrote(kind: Write['kind'], photo: string, answer: Answer, more: Partial<Write> = {}): Answer {
    this.#chronicle.writes.push(answer);
    this.#note({ kind, photo, outcome: outcomeOf(kind, answer), ...more }, answer);
    return answer;
  }

  #note(what: OmitHappened<Operation>, { sentAt, endedAt, machine }: Answer): void {
    const happened = { who: this.name, session: this.#session, machine, startedAt: sentAt, endedAt };
    this.#chronicle.done.push({ ...happened, ...what });
  }
}

/** An operation without what is the same for all of them, which may be given all the same. */
type OmitHappened<Kind> = Kind extends Operation ? Omit<Kind, 'who' | 'session' | 'machine' | 'startedAt' | 'endedAt'> & { startedAt?: number } : never;

function outcomeOf(kind: Write['kind'], { ok, status, silence }: Answer): Outcome {
  if (ok) return 'acknowledged';
  // A balancer may have sent a deletion twice; then the first may have deleted what the second did not find. And a like may have been
  // stored, and its photo been deleted before anybody counted.
  const mayHaveHappened = silence !== undefined || status >= 500 || (kind !== 'post' && status === 404);
  return mayHaveHappened ? 'unknown' : 'refused';
}
