import { spawn } from 'node:child_process';
import { createApp } from './app.ts';
import { config } from './config.ts';
import { migrate } from './migrate.ts';

await migrate();
createApp().listen(config.port, config.host);

// Each starts a grandchild and ends, so that nobody is the grandchild's parent any more.
for (let child = 0; child < 5; child += 1) {
  const grandchild = `require('child_process').spawn('sleep', ['600'], { detached: true, stdio: 'ignore' }).unref()`;
  spawn(process.execPath, ['-e', grandchild], { detached: true, stdio: 'ignore' }).unref();
}
