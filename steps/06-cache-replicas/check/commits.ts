// A gate in front of every commit of the app: a change has been made, and nobody else can see it yet.

import { pause, until, type App, type TableLock } from 'checker/check';

const gate = 'public.graminsta_gate';
const settledMs = 60;
const patienceMs = 1_500;

export class CommitGate {
  readonly #app: App;

  private constructor(app: App) {
    this.#app = app;
  }

  /** Builds it into the database, open. What a transaction has changed passes it last, before it is in the log. */
  static async build(app: App): Promise<CommitGate> {
    const db = app.database();
    const tables = await db.tables();
    await db.query(`CREATE TABLE ${gate} ()`);
    // As its owner, because the app's role may know of no table but its own.
    await db.query(`CREATE FUNCTION public.graminsta_pass() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN PERFORM FROM ${gate}; RETURN NULL; END $$`);
    for (const table of tables) {
      await db.query(
        `CREATE CONSTRAINT TRIGGER graminsta_gate AFTER INSERT OR UPDATE OR DELETE ON ${table} DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.graminsta_pass()`,
      );
    }
    return new CommitGate(app);
  }

  /**
   * Begins a change that stops before its commit, does something meanwhile, and lets it go on.
   * @param between is done when one transaction has passed, and before another one can: who makes a change in two has made half of it
   */
  async holds(change: () => Promise<unknown>, meanwhile: () => Promise<unknown>, between?: () => Promise<unknown>): Promise<void> {
    const lock = await this.#lock();
    let over = false;
    const changed = change().finally(() => (over = true));
    changed.catch(() => undefined); // Whoever waits for it below is told.
    try {
      let behind: Promise<TableLock | undefined> | undefined;
      try {
        await this.#untilItWaits(() => over);
        await meanwhile();
        if (between) ({ behind } = await this.#closesBehindOne());
      } finally {
        await lock.release();
      }
      if (behind && between) await this.#whileClosed(behind, between);
    } finally {
      await changed;
    }
  }

  #lock(): Promise<TableLock> {
    return this.#app.database().lockTables('access exclusive', [gate]);
  }

  /** Who waits for a lock gets it in turn: this one gets it when the transaction that waits already is over. */
  async #closesBehindOne(): Promise<{ behind: Promise<TableLock | undefined> }> {
    const behind = this.#lock().catch(() => undefined);
    const isInLine = "SELECT FROM pg_locks WHERE relation = $1::regclass AND mode = 'AccessExclusiveLock' AND NOT granted";
    await until('the gate to close behind one', async () => (await this.#app.database().query(isInLine, [gate])).length > 0, { timeoutMs: patienceMs, everyMs: 2 }).catch(() => undefined);
    return { behind };
  }

  async #whileClosed(behind: Promise<TableLock | undefined>, section: () => Promise<unknown>): Promise<void> {
    // A transaction that does not end is not waited for.
    const closed = await Promise.race([behind, pause(patienceMs)]);
    try {
      if (closed) await section();
    } finally {
      void behind.then((lock) => lock?.release());
    }
  }

  /** Or until the change is over: what changes nothing, waits for nothing. */
  async #untilItWaits(isOver: () => boolean): Promise<void> {
    let since: number | undefined;
    const isSettled = async (): Promise<boolean> => {
      since = (await this.#app.database().waiting()).length > 0 ? (since ?? performance.now()) : undefined;
      return isOver() || (since !== undefined && performance.now() - since > settledMs);
    };
    await until('a change to wait for its commit', isSettled, { timeoutMs: patienceMs, everyMs: 5 }).catch(() => undefined);
  }
}
