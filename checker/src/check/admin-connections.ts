import pg from 'pg';

/** The checker's own connections to a database, as its superuser. Servers may be killed under them: that is what checks do. */
export class AdminConnections {
  readonly #config: pg.ClientConfig;
  readonly #clients = new Set<pg.Client>();
  #main: { client: pg.Client; connected: Promise<unknown> } | undefined;

  constructor(config: pg.ClientConfig) {
    this.#config = config;
  }

  /** @throws Error from pg; the statement is the checker's own. */
  async query<Row extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<Row[]> {
    const client = await this.#connected();
    return (await client.query<Row>(sql, values)).rows;
  }

  /** As `query`, in the database of this name, over a connection of its own. */
  async queryIn<Row extends pg.QueryResultRow>(database: string, sql: string, values: unknown[] = []): Promise<Row[]> {
    const client = new pg.Client({ ...this.#config, database });
    await client.connect();
    try {
      return (await client.query<Row>(sql, values)).rows;
    } finally {
      await client.end();
    }
  }

  /** One more session, for what has to stay open. */
  async connect(): Promise<pg.Client> {
    const client = this.#newClient();
    await client.connect();
    return client;
  }

  async end(client: pg.Client): Promise<void> {
    this.#clients.delete(client);
    await client.end().catch(() => undefined);
  }

  async close(): Promise<void> {
    this.#main = undefined;
    await Promise.all([...this.#clients].map((client) => this.end(client)));
  }

  async #connected(): Promise<pg.Client> {
    if (this.#main) {
      await this.#main.connected;
      return this.#main.client;
    }
    const client = this.#newClient();
    const connected = client.connect();
    this.#main = { client, connected };
    await connected;
    return client;
  }

  #newClient(): pg.Client {
    const client = new pg.Client(this.#config);
    this.#clients.add(client);
    const forget = (): void => {
      this.#clients.delete(client);
      if (this.#main?.client === client) this.#main = undefined;
    };
    client.on('error', forget);
    client.on('end', forget);
    return client;
  }
}
