// The program that runs on the machine: prepare the database, then listen.

import { createApp } from './app.ts';
import { config } from './config.ts';
import { migrate } from './migrate.ts';

await migrate();

createApp().listen(config.port, config.host, (error) => {
  if (error) throw error;
  console.log(`Graminsta listens on http://${config.host}:${config.port}`);
});
