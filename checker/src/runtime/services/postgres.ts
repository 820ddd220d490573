import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chown, mkdir, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { env as environment } from 'node:process';
import { promisify } from 'node:util';
import pg from 'pg';
import type { PostgresDescription } from '../../stack/description.ts';
import { checkerName } from '../checker-name.ts';
import { Log } from '../log.ts';
import { postgresPrograms, unprivilegedIdentity } from '../postgres/binaries.ts';
import { awaitReady } from '../postgres/ready.ts';
import { removeSharedMemory, removeStaleLock } from '../postgres/remains.ts';
import { postgresTemplate } from '../postgres/template.ts';
import { ServiceProcess } from '../process.ts';
import { StartFailure, type Home, type OnListening, type Service } from './service.ts';

const run = promisify(execFile);

export interface PostgresServiceOptions {
  home: Home;
  description: PostgresDescription;
  port: number;
  log: Log;
  /** True for data that is kept, as by `npm run up`: then the server waits for the disk as usual. */
  durable: boolean;
  onListening: OnListening;
}

/** A real Postgres server. Its socket is in `DATA_DIR/postgres` of its machine. */
export class PostgresService implements Service<PostgresDescription> {
  readonly description: PostgresDescription;
  readonly title = 'Postgres';
  readonly port: number;
  readonly log: Log;
  process: ServiceProcess | undefined;
  listening = false;
  readonly #home: Home;
  readonly #durable: boolean;
  readonly #onListening: OnListening;
  readonly #socketFolder: string;
  readonly #data: string;

  constructor({ home, description, port, log, durable, onListening }: PostgresServiceOptions) {
    this.description = description;
    this.port = port;
    this.log = log;
    this.#home = home;
    this.#durable = durable;
    this.#onListening = onListening;
    this.#socketFolder = path.join(home.dataFolder, description.name);
    this.#data = path.join(this.#socketFolder, 'data');
  }

  get running(): boolean {
    return this.process !== undefined && this.process.exit === undefined;
  }

  /** A client as the superuser `postgres`, over the machine's own socket: no wire sees it, and no password is needed. */
  adminConfig(database = 'postgres'): pg.ClientConfig {
    return { host: this.#socketFolder, port: this.port, user: 'postgres', database, application_name: checkerName };
  }

  /** For people who want to look: `psql` takes it. */
  get adminUrl(): string {
    const { user, password, database } = this.description;
    return `postgres://${user}:${password}@127.0.0.1:${this.port}/${database}`;
  }

  async start(): Promise<void> {
    const identity = unprivilegedIdentity();
    const { postgres } = await postgresPrograms();
    const isNew = !existsSync(this.#data);
    if (isNew) {
      await mkdir(this.#socketFolder, { recursive: true });
      // Copied with its owner and mode, without which the server would refuse it.
      const env = { PATH: environment['PATH'] ?? '', GRAMINSTA_RUN: this.#home.run.id };
      await run('cp', ['-a', await postgresTemplate(this.#home.run), this.#data], { env });
    }
    removeStaleLock(this.#data);
    // Whoever connects through the folder expects the usual port in the socket's name, and ours is another.
    const usual = path.join(this.#socketFolder, '.s.PGSQL.5432');
    await rm(usual, { force: true });
    await symlink(`.s.PGSQL.${this.port}`, usual);
    if (identity) await chown(this.#socketFolder, identity.uid, identity.gid);
    this.process = await ServiceProcess.start({
      command: postgres,
      args: [
        '-D', this.#data,
        '-p', String(this.port),
        '-k', this.#socketFolder,
        ...(this.#durable ? ['-c', 'fsync=on', '-c', 'full_page_writes=on', '-c', 'autovacuum=on'] : []),
      ],
      cwd: '/',
      env: { LC_ALL: 'C' },
      identity,
      log: this.log,
      run: this.#home.run,
    });
    const { process } = this;
    void process.exited.then(() => {
      if (this.process === process) void this.#tell(false);
    });
    if (!(await awaitReady(this.#data, process))) {
      throw new StartFailure(this.#home.machine, this.description, 'exited', 'Postgres ended while it was starting.', this.log);
    }
    if (isNew) await this.#setUp();
    await this.#tell(true);
  }

  async ready(): Promise<void> {
    // Its start is complete only when it accepts connections.
  }

  async kill(): Promise<void> {
    await this.#tell(false);
    await this.process?.kill();
    if (this.process) removeSharedMemory(this.#data);
    this.process = undefined;
  }

  async stop(graceMs: number): Promise<boolean> {
    // SIGINT is Postgres's fast shutdown: it does not wait for clients to leave, as SIGTERM would.
    const ended = (await this.process?.terminate(graceMs, 'SIGINT')) ?? true;
    this.process = undefined;
    return ended;
  }

  async #tell(listening: boolean): Promise<void> {
    await this.#onListening(listening);
    this.listening = listening;
  }

  /** What the template does not have: a user and database of other names. */
  async #setUp(): Promise<void> {
    const { user, password, database } = this.description;
    if (user === 'graminsta' && password === 'graminsta' && database === 'graminsta') return;
    const client = new pg.Client(this.adminConfig());
    await client.connect();
    try {
      const name = client.escapeIdentifier;
      await client.query('DROP DATABASE graminsta');
      await client.query('DROP ROLE graminsta');
      await client.query(`CREATE ROLE ${name(user)} SUPERUSER LOGIN PASSWORD ${client.escapeLiteral(password)}`);
      await client.query(`CREATE DATABASE ${name(database)} OWNER ${name(user)}`);
    } finally {
      await client.end();
    }
  }
}
