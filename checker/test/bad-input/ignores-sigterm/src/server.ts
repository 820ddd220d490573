import { createApp } from './app.ts';
import { config } from './config.ts';
import { migrate } from './migrate.ts';

process.on('SIGTERM', () => console.log('I will not go.'));

await migrate();
createApp().listen(config.port, config.host);
