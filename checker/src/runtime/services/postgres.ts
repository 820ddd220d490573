import { existsSync, realpathSync } from 'node:fs';
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type pg from 'pg';
import type { PostgresDescription } from '../../stack/description.ts';
import type { Address } from '../../stack/resolve.ts';
import { checkerName } from '../checker-name.ts';
import { sourceOfPostgres } from '../containers/service-source.ts';
import type { Place } from '../hosting.ts';
import type { Log } from '../log.ts';
import { giveToServer, unprivilegedIdentity } from '../postgres/binaries.ts';
import { layOutStandby, untilCaughtUp } from '../postgres/new-standby.ts';
import { awaitReady } from '../postgres/ready.ts';
import { removeSharedMemory, removeStaleLock, removeUnnotedSharedMemory } from '../postgres/remains.ts';
import { isStandby, primarySettings, standAlone, standbySettings, type Primary } from '../postgres/replication.ts';
import { inSession } from '../postgres/session.ts';
import { accessFromMachines, copyTemplate } from '../postgres/template.ts';
import { isAlive, signal, workingIn } from '../process-tree.ts';
import type { RunningProcess } from '../process.ts';
import { StartFailure, type Home, type Launch, type OnListening, type Service } from './service.ts';
import { startLaunch } from './start-launch.ts';

export interface PostgresServiceOptions {
  home: Home;
  description: PostgresDescription;
  place: Place;
  log: Log;
  /** True for data that is kept, as by `npm run up`: then the server waits for the disk as usual. */
  durable: boolean;
  onListening: OnListening;
  /** Whose user, password and database it has: its own, or its primary's. */
  login: Login;
  /** Where a standby reaches the server that it follows, and the primary from which all of it comes in the end. */
  follows?: { address: Address; primary: () => Primary } | undefined;
  /** Whether others follow it. */
  isFollowed: boolean;
}

const maxLooks = 10;
const usualPort = 5432;

type Login = Pick<PostgresDescription, 'user' | 'password' | 'database'>;

/** A real Postgres server, or a streaming standby of one. Its socket is in `DATA_DIR/postgres` of its machine. */
export class PostgresService implements Service<PostgresDescription>, Primary {
  readonly description: PostgresDescription;
  readonly title = 'Postgres';
  readonly port: number;
  readonly log: Log;
  process: RunningProcess | undefined;
  listening = false;
  readonly machine: string;
  readonly login: Login;
  readonly data: string;
  readonly #home: Home;
  readonly #place: Place;
  readonly #durable: boolean;
  readonly #onListening: OnListening;
  readonly #socketFolder: string;
  /** Who may connect, for a server in a container. */
  readonly #accessFile: string;
  readonly #follows: PostgresServiceOptions['follows'];
  readonly #isFollowed: boolean;

  constructor({ home, description, place, log, durable, onListening, login, follows, isFollowed }: PostgresServiceOptions) {
    this.description = description;
    this.machine = home.machine;
    this.login = login;
    this.port = place.port;
    this.#place = place;
    this.log = log;
    this.#home = home;
    this.#durable = durable;
    this.#onListening = onListening;
    this.#socketFolder = path.join(home.dataFolder, description.name);
    this.data = path.join(this.#socketFolder, 'data');
    this.#accessFile = path.join(this.#socketFolder, 'access.conf');
    this.#follows = follows;
    this.#isFollowed = isFollowed;
  }

  get running(): boolean {
    return this.process !== undefined && this.process.exit === undefined;
  }

  /** A client as the superuser `postgres`, over the machine's own socket: no wire sees it, and no password is needed. */
  adminConfig(database = 'postgres'): pg.ClientConfig {
    return { host: this.#socketFolder, port: this.#place.listens.port, user: 'postgres', database, application_name: checkerName };
  }

  /** For people who want to look: `psql` takes it. */
  get adminUrl(): string {
    const { user, password, database } = this.login;
    const [name, secret, path] = [user, password, database].map(encodeURIComponent);
    return `postgres://${name}:${secret}@127.0.0.1:${this.port}/${path}`;
  }

  async start(): Promise<void> {
    const isNew = !existsSync(this.data);
    await mkdir(this.#socketFolder, { recursive: true });
    if (isNew) await this.#layOut();
    else await this.#takeUp();
    await this.#clearSocketFolder();
    await this.#launch();
    if (isNew && this.#follows) await untilCaughtUp(this.adminConfig(), this.#follows.primary());
    else if (isNew) await this.#setUp();
    await this.#tell(true);
  }

  async ready(): Promise<void> {
    // Its start is complete only when it accepts connections.
  }

  async kill(): Promise<void> {
    await this.#tell(false);
    await this.process?.kill();
    if (this.process) {
      this.#endOrphans();
      removeSharedMemory(this.data);
      removeUnnotedSharedMemory(this.process.pid === undefined ? [] : [this.process.pid]);
    }
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

  /** Its children that began when it was being killed: they are nobody's by now. */
  #endOrphans(): void {
    if (!existsSync(this.data)) return;
    const data = realpathSync(this.data);
    for (let look = 0; look < maxLooks; look += 1) {
      const orphans = workingIn(data).filter(isAlive);
      if (orphans.length === 0) return;
      for (const pid of orphans) signal(pid, 'SIGKILL');
    }
  }

  /** Half a copy is never taken for data. */
  async #layOut(): Promise<void> {
    const unfinished = `${this.data}.unfinished`;
    await rm(unfinished, { recursive: true, force: true });
    if (this.#follows) await layOutStandby(unfinished, this.#follows.primary(), this.#home.run);
    else await copyTemplate(unfinished, this.#home.run);
    await rename(unfinished, this.data);
  }

  /** Goes on with the data that is there, in the part that stack.ts gives it by now. */
  async #takeUp(): Promise<void> {
    removeStaleLock(this.data);
    if (!this.#follows) await standAlone(this.data);
    else if (!isStandby(this.data)) {
      const { machine } = this.#follows.primary();
      throw this.#failure(`Postgres on ${this.machine} is to follow ${machine}, and has data of its own on its disk. A standby begins with an empty disk.`);
    }
  }

  async #clearSocketFolder(): Promise<void> {
    // Whoever connects through the folder expects the usual port in the socket's name, and ours is another.
    const usual = path.join(this.#socketFolder, `.s.PGSQL.${usualPort}`);
    await rm(usual, { force: true });
    const { port } = this.#place.listens;
    if (port !== usualPort) await symlink(`.s.PGSQL.${port}`, usual);
    await giveToServer(this.#socketFolder);
  }

  async launch(): Promise<Launch> {
    const { container } = this.#place;
    const { command, image } = container ? { command: 'postgres' } : await sourceOfPostgres();
    return {
      command,
      image,
      args: [
        '-D', this.data,
        '-p', String(this.#place.listens.port),
        '-k', this.#socketFolder,
        ...(this.#durable ? ['-c', 'fsync=on', '-c', 'full_page_writes=on', '-c', 'autovacuum=on'] : []),
        ...(this.#follows ? standbySettings(this.machine, this.#follows.address) : []),
        ...(this.#isFollowed ? primarySettings : []),
        ...(container ? ['-c', 'listen_addresses=*', '-c', `hba_file=${this.#accessFile}`] : []),
      ],
      env: { LC_ALL: 'C' },
      identity: unprivilegedIdentity(),
    };
  }

  async #launch(): Promise<void> {
    const { container } = this.#place;
    const launch = await this.launch();
    const isContained = container !== undefined || launch.image !== undefined;
    if (container) await writeFile(this.#accessFile, accessFromMachines);
    // In a container every server has the number 1, also the one that was killed there before.
    if (isContained) await rm(path.join(this.data, 'postmaster.pid'), { force: true });
    const process = (await container?.start(this.log)) ?? (await startLaunch(launch, { home: this.#home, cwd: '/', log: this.log }));
    this.process = process;
    void process.exited.then(() => {
      if (this.process === process) void this.#tell(false);
    });
    if (!(await awaitReady(this.data, isContained ? { pid: 1, get exit() { return process.exit; } } : process))) throw this.#failure('Postgres ended while it was starting.');
  }

  /** What the template does not have: a user and database of other names. */
  async #setUp(): Promise<void> {
    const { user, password, database } = this.login;
    if (user === 'graminsta' && password === 'graminsta' && database === 'graminsta') return;
    await inSession(this.adminConfig(), async (client) => {
      const name = client.escapeIdentifier;
      await client.query('DROP DATABASE graminsta');
      await client.query('DROP ROLE graminsta');
      await client.query(`CREATE ROLE ${name(user)} SUPERUSER LOGIN PASSWORD ${client.escapeLiteral(password)}`);
      await client.query(`CREATE DATABASE ${name(database)} OWNER ${name(user)}`);
    });
  }

  #failure(message: string): StartFailure {
    return new StartFailure(this.machine, this.description, 'exited', message, this.log);
  }
}
