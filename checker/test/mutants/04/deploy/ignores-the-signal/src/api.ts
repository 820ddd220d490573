// Mutant: it catches SIGTERM and goes on, until it is killed.
// The program on each API machine: listen, prepare the database as soon as it is there, and leave without dropping anybody.

import { createApp } from './app.ts';
import { config } from './config.ts';
import { sweepNowAndThen } from './housekeeping.ts';
import { migrateWhenPossible } from './migrate.ts';

createApp().listen(config.port, config.host, (error) => {
  if (error) throw error;
  console.log(`The API listens on http://${config.host}:${config.port}`);
});

process.on('SIGTERM', () => {
  console.log('SIGTERM came.');
});

await migrateWhenPossible();
sweepNowAndThen();
