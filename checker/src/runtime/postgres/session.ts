import pg from 'pg';

const timeoutMs = 10_000;

/** One session with a server of ours, for as long as the work takes. @throws what the work throws; Error when the server goes away or is silent for 10 s */
export async function inSession<Result>(config: pg.ClientConfig, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ ...config, connectionTimeoutMillis: timeoutMs, query_timeout: timeoutMs });
  // The server may be killed between two statements; the next one says so.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}
