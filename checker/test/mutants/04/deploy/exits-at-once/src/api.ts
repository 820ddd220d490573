// Mutant: it knows the signal, and exits at once when it comes.
// The program on each API machine: listen, prepare the database as soon as it is there, and leave without dropping anybody.

import { createApp } from './app.ts';
import { config } from './config.ts';
import { sweepNowAndThen } from './housekeeping.ts';
import { migrateWhenPossible } from './migrate.ts';

createApp().listen(config.port, config.host, (error) => {
  if (error) throw error;
  console.log(`The API listens on http://${config.host}:${config.port}`);
});

process.once('SIGTERM', () => process.exit(0));

await migrateWhenPossible();
sweepNowAndThen();
