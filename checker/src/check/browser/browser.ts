// Somebody's browser: a real one, with storage of its own. It reaches what has a public address in one app, from one region, and
// nothing else.

import type { BrowserProfile, BrowserRequest } from '../../runtime/index.ts';
import type { Region } from '../../stack/description.ts';
import type { App } from '../app.ts';
import { Failure } from '../failure.ts';
import { clip, requireThat } from '../require.ts';
import { OpenPage } from './open-page.ts';

const patienceMs = 10_000;

export class Browser {
  readonly #app: App;
  readonly #profile: BrowserProfile;
  readonly #region: Region;

  constructor(app: App, profile: BrowserProfile, region: Region = 'us') {
    this.#app = app;
    this.#profile = profile;
    this.#region = region;
  }

  /**
   * Opens a page in a new tab, at the entrance of its region.
   * @param entrance `web`
   * @param did what is told of it: `Somebody opened the page`
   * @returns the page when its document has arrived; its scripts may still be at work
   * @throws Failure when it does not arrive
   */
  async opens(entrance: string, { path = '/', did = `Somebody opened ${path} at the entrance ${entrance} in a browser` }: { path?: string; did?: string } = {}): Promise<OpenPage> {
    const url = new URL(path, this.#entrance(entrance)).href;
    const tab = await this.#profile.context.newPage();
    const page = new OpenPage(tab);
    const told = { did, expected: `GET ${path} → 200 with a page`, why: 'Without its document there is no page.' };
    const response = await tab.goto(url, { waitUntil: 'domcontentloaded', timeout: patienceMs }).catch((error: unknown) => {
      const words = error instanceof Error ? error.message : String(error);
      const isLate = words.includes('Timeout');
      const saw = isLate ? `a page that had not loaded after ${patienceMs / 1000} s` : (/net::(\w+)/.exec(words)?.[1] ?? clip(words));
      throw new Failure({ kind: 'no answer', ...told, saw });
    });
    const status = response?.status() ?? 0;
    requireThat(status === 200, { ...told, saw: `GET ${path} → ${status}` });
    return page;
  }

  /** What its pages asked of an entrance, in order, also what got no answer. Preflights are among it. */
  requests(entrance: string): BrowserRequest[] {
    return this.#requestsAt(this.#entrance(entrance));
  }

  /** What its pages asked of a machine at its public address, entrance or not. */
  requestsTo(machine: string): BrowserRequest[] {
    return this.#requestsAt(this.#app.stack.publicUrl(machine));
  }

  /** What its pages asked past the entrances of its region: of other machines of the app, and of anybody else, who refused. */
  requestsElsewhere(): BrowserRequest[] {
    const origins = Object.keys(this.#app.stack.description.entrances).map((name) => this.#entrance(name));
    return this.#profile.requests.filter(({ url }) => !origins.some((origin) => url.startsWith(`${origin}/`)));
  }

  /** The public address of an entrance: the one that the app knows, and lets in as an origin. */
  #entrance(name: string): string {
    const { stack } = this.#app;
    return stack.publicUrl(stack.entranceMachine(name, this.#region));
  }

  #requestsAt(origin: string): BrowserRequest[] {
    return this.#profile.requests.filter(({ url }) => url.startsWith(`${origin}/`));
  }

  /** Closes its tabs, and forgets what they stored. */
  close(): Promise<void> {
    return this.#profile.close();
  }
}
