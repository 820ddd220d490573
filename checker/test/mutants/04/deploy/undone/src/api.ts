// Mutant: SIGTERM ends it in the middle of whatever it does.
// The program on each API machine: listen, and prepare the database as soon as it is there.

import { createApp } from './app.ts';
import { config } from './config.ts';
import { sweepNowAndThen } from './housekeeping.ts';
import { migrateWhenPossible } from './migrate.ts';

createApp().listen(config.port, config.host, (error) => {
  if (error) throw error;
  console.log(`The API listens on http://${config.host}:${config.port}`);
});

await migrateWhenPossible();
sweepNowAndThen();
