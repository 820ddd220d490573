// Mutant: SIGTERM closes the server for new connections and then waits for ever: open connections and the pool keep the process alive.
// The program that runs on the machine: prepare the database, then listen.

import { createApp } from './app.ts';
import { config } from './config.ts';
import { migrate } from './migrate.ts';

await migrate();

const server = createApp().listen(config.port, config.host, (error) => {
  if (error) throw error;
  console.log(`Graminsta listens on http://${config.host}:${config.port}`);
});
server.keepAliveTimeout = 120_000;

process.on('SIGTERM', () => {
  server.close();
});
setInterval(() => console.log(`${process.memoryUsage().rss} bytes of memory`), 60_000);
