// The program that runs on the machine: listen. Who prepares the database is `migrate.ts`, on another machine.

import { createApp } from './app.ts';
import { config } from './config.ts';

createApp().listen(config.port, config.host, (error) => {
  if (error) throw error;
  console.log(`Graminsta listens on http://${config.host}:${config.port}`);
});
