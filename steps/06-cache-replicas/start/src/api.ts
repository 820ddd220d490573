// The program on each API machine: listen, prepare the database as soon as it is there, and leave without dropping anybody.

import { createApp } from './app.ts';
import { config } from './config.ts';
import { closePool } from './db.ts';
import { drain } from './drain.ts';
import { sweepNowAndThen } from './housekeeping.ts';
import { migrateWhenPossible } from './migrate.ts';

const server = createApp().listen(config.port, config.host, (error) => {
  if (error) throw error;
  console.log(`The API listens on http://${config.host}:${config.port}`);
});

process.once('SIGTERM', () => {
  void drain(server)
    .then(closePool)
    .finally(() => process.exit());
});

await migrateWhenPossible();
sweepNowAndThen();
