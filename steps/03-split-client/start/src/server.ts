// The program that runs on the machine: listen, and prepare the database as soon as it is there.

import { createApp } from './app.ts';
import { config } from './config.ts';
import { migrateWhenPossible } from './migrate.ts';

createApp().listen(config.port, config.host, (error) => {
  if (error) throw error;
  console.log(`Graminsta listens on http://${config.host}:${config.port}`);
});

await migrateWhenPossible();
