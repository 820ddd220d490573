// What a Redis holds and is asked, and the accidents that only happen inside one. The checker looks from the machine itself, past
// every wire, and leaves itself out of what it tells.

import { checkerName } from '../runtime/checker-name.ts';
import type { RunningStack } from '../runtime/index.ts';
import { commandIn, type CommandSeen } from './redis-monitor.ts';
import { RespConnection } from './resp-connection.ts';
import type { Reply } from './resp.ts';

export interface KeySeen {
  name: string;
  /** Which of the server's databases has it: 0, unless the app chose another one. */
  database: number;
  /** Milliseconds that it has left; undefined when it stays for ever. */
  ttlMs: number | undefined;
}

export interface ClientSeen {
  /** `127.0.0.1:50312` */
  address: string;
  /** What it calls itself. */
  name: string;
  /** What it ran last: `get`. */
  command: string;
}

const timeoutMs = 5_000;
const keysAtOnce = 1_000;

export class Redis {
  readonly #port: number;
  readonly #connections = new Set<RespConnection>();
  /** One for each database, because what is chosen on a connection stays chosen. */
  readonly #mains = new Map<number, Promise<RespConnection>>();

  constructor(stack: RunningStack, machine: string) {
    const service = stack.machine(machine).services.find(({ description }) => description.kind === 'redis');
    if (!service) throw new Error(`There is no Redis on "${machine}".`);
    this.#port = service.port;
  }

  /** @throws RedisError for what the server refuses; Error when it is not there, or silent for 5 s */
  async send(...words: (string | number)[]): Promise<Reply> {
    return this.sendTo(0, ...words);
  }

  /** The same, to one of its databases. */
  async sendTo(database: number, ...words: (string | number)[]): Promise<Reply> {
    return (await this.#connected(database)).send(words);
  }

  /** Empties it, as a restart would. */
  async empty(): Promise<void> {
    await this.send('FLUSHALL');
  }

  /** The keys of all its databases, by name. @param pattern as `KEYS` takes it: `feed:*` */
  async keys(pattern = '*'): Promise<KeySeen[]> {
    const all = await Promise.all((await this.#databases()).map((database) => this.#keysOf(database, pattern)));
    return all.flat();
  }

  /** Changes a setting of the server that runs: with a `maxmemory` of 1 it refuses every write with `OOM`. */
  async configure(setting: string, value: string | number): Promise<void> {
    await this.send('CONFIG', 'SET', setting, value);
  }

  /** What it says of itself, such as `used_memory` and `keyspace_hits`. */
  async info(): Promise<Record<string, string>> {
    const lines = textIn(await this.send('INFO', 'everything')).split('\r\n');
    return Object.fromEntries(lines.flatMap((line) => (/^\w+:/.test(line) ? [splitAt(':', line)] : [])));
  }

  /** Everybody else who is connected. */
  async clients(): Promise<ClientSeen[]> {
    const lines = textIn(await this.send('CLIENT', 'LIST')).split('\n').filter((line) => line !== '');
    return lines
      .map((line): Record<string, string> => Object.fromEntries(line.split(' ').map((field) => splitAt('=', field))))
      .map(({ addr = '', name = '', cmd = '' }) => ({ address: addr, name, command: cmd }))
      .filter(({ name }) => name !== checkerName);
  }

  /**
   * Listens to what everybody else asks from now on, which costs the server about half of its speed.
   * @returns `stop` ends it and hands over what was heard, in order; of a server that was killed, what was heard until then
   */
  async listen(): Promise<{ stop: () => Promise<CommandSeen[]> }> {
    const ear = await this.#connect();
    const heard: CommandSeen[] = [];
    const end = `the end of listening at ${ear.address}`;
    const heardAll = new Promise<void>((resolve) => {
      ear.onMessage = (message) => {
        const command = commandIn(textIn(message));
        const isOurs = [...this.#connections].some(({ address }) => address === command.client);
        if (!isOurs) heard.push(command);
        else if (command.words.includes(end)) resolve();
      };
    });
    await ear.send(['MONITOR']);
    return {
      stop: async () => {
        // What was asked before us is heard before us.
        await this.send('ECHO', end).catch(() => ear.close());
        await Promise.race([heardAll, ear.closed]);
        ear.close();
        return heard;
      },
    };
  }

  /** Closes the checker's own connections. */
  close(): void {
    for (const connection of this.#connections) connection.close();
  }

  /** Those in which there is anything. */
  async #databases(): Promise<number[]> {
    return Object.keys(await this.info()).flatMap((name) => /^db(\d+)$/.exec(name)?.[1] ?? []).map(Number);
  }

  async #keysOf(database: number, pattern: string): Promise<KeySeen[]> {
    const names = (await this.#names(database, pattern)).sort();
    const left = await Promise.all(names.map(async (name) => Number(await this.sendTo(database, 'PTTL', name))));
    const [isGone, staysForEver] = [-2, -1];
    return names.flatMap((name, index) => {
      const ttlMs = left[index] ?? isGone;
      return ttlMs === isGone ? [] : [{ name, database, ttlMs: ttlMs === staysForEver ? undefined : ttlMs }];
    });
  }

  async #names(database: number, pattern: string): Promise<string[]> {
    // While keys come and go, one may be told of twice.
    const names = new Set<string>();
    let cursor = '0';
    do {
      const [next = null, found = null] = listIn(await this.sendTo(database, 'SCAN', cursor, 'MATCH', pattern, 'COUNT', keysAtOnce));
      for (const name of listIn(found)) names.add(textIn(name));
      cursor = textIn(next);
    } while (cursor !== '0');
    return [...names];
  }

  #connected(database: number): Promise<RespConnection> {
    const known = this.#mains.get(database);
    if (known) return known;
    const main = this.#connect(database);
    this.#mains.set(database, main);
    const forget = (): void => {
      if (this.#mains.get(database) === main) this.#mains.delete(database);
    };
    // The server may be killed under it: that is what checks do.
    main.then(({ closed }) => closed.then(forget), forget);
    return main;
  }

  async #connect(database = 0): Promise<RespConnection> {
    const connection = await RespConnection.open(this.#port, timeoutMs);
    this.#connections.add(connection);
    void connection.closed.then(() => this.#connections.delete(connection));
    await connection.send(['CLIENT', 'SETNAME', checkerName]);
    if (database !== 0) await connection.send(['SELECT', database]);
    return connection;
  }
}

function textIn(reply: Reply): string {
  if (typeof reply === 'string' || typeof reply === 'number') return String(reply);
  throw new Error(`Redis was expected to answer with a text, and answered ${JSON.stringify(reply)}.`);
}

function listIn(reply: Reply): Reply[] {
  if (Array.isArray(reply)) return reply;
  throw new Error(`Redis was expected to answer with a list, and answered ${JSON.stringify(reply)}.`);
}

function splitAt(separator: string, text: string): [string, string] {
  const at = text.indexOf(separator);
  return [text.slice(0, at), text.slice(at + 1)];
}
