import { createApp } from './app.ts';
import { config } from './config.ts';
import { migrate } from './migrate.ts';

await migrate();
createApp().listen(config.port, config.host);

const line = `${'everything is as it was a moment ago; '.repeat(27)}\n`;
for (let printed = 0; printed < 100 * 1024 * 1024; printed += line.length) {
  if (!process.stdout.write(line)) await new Promise((resolve) => process.stdout.once('drain', resolve));
}
console.log('\u001b[2J\u001b[31mThat was 100 MB.');
