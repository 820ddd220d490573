// Mutant: the app waits for the database, and nothing listens meanwhile.
// The program that runs on the machine: prepare the database as soon as it is there, then listen.

import { createApp } from './app.ts';
import { config } from './config.ts';
import { migrateWhenPossible } from './migrate.ts';

await migrateWhenPossible();

createApp().listen(config.port, config.host, (error) => {
  if (error) throw error;
  console.log(`Graminsta listens on http://${config.host}:${config.port}`);
});
