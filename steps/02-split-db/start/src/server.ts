// The program that runs on the machine: prepare the database, then listen.

import { createApp } from './app.ts';
import { config } from './config.ts';
import { migrate } from './migrate.ts';

// Exercise 2.6: listen at once, and prepare the database as soon as it is there.
await migrate();

createApp().listen(config.port, config.host, (error) => {
  if (error) throw error;
  console.log(`Graminsta listens on http://${config.host}:${config.port}`);
});
