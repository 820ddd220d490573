// Mutant: the app prepares the database once, before it listens.
// The program that runs on the machine: prepare the database, then listen.

import { createApp } from './app.ts';
import { config } from './config.ts';
import { migrateWhenPossible } from './migrate.ts';

await migrateWhenPossible();

createApp().listen(config.port, config.host, (error) => {
  if (error) throw error;
  console.log(`Graminsta listens on http://${config.host}:${config.port}`);
});
