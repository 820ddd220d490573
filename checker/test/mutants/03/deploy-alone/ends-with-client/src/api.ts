// Mutant: the API listens to events of client, and ends when there are no more.
// The program on the machine `api`: listen, and prepare the database as soon as it is there.

import { createApp } from './app.ts';
import { config } from './config.ts';
import { migrateWhenPossible } from './migrate.ts';

createApp().listen(config.port, config.host, (error) => {
  if (error) throw error;
  console.log(`The API listens on http://${config.host}:${config.port}`);
});

await migrateWhenPossible();

// What the page becomes is told here.
const events = await fetch(new URL('/events', config.clientUrl));
for await (const event of events.body ?? []) console.log(`client says ${event.length} bytes`);
process.exit(1);
