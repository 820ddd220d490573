// The program on the machine `api`: listen, and prepare the database as soon as it is there.

import { createApp } from './app.ts';
import { config } from './config.ts';
import { migrateWhenPossible } from './migrate.ts';

// Exercise 4.5: SIGTERM comes while people are served, and more are on their way.
createApp().listen(config.port, config.host, (error) => {
  if (error) throw error;
  console.log(`The API listens on http://${config.host}:${config.port}`);
});

await migrateWhenPossible();
