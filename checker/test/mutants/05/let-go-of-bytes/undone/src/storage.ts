// The program on the machine `storage`: an object store for images, and the files of the page. It knows no database and no
// user.

import express from 'express';
import { objects } from './objects.ts';
import { page } from './page.ts';
import { notFound, sendProblem } from './problems.ts';
import { publish } from './publish.ts';

const { HOST = '127.0.0.1', PORT = '3000', MACHINE_NAME = 'storage' } = process.env;

const app = express();
app.disable('x-powered-by');
app.use((_req, res, next) => {
  res.set('X-Served-By', MACHINE_NAME);
  next();
});

app.get('/livez', (_req, res) => {
  res.json({ status: 'alive' });
});
// It needs nobody but its own disk: what it has it can give.
app.get('/readyz', (_req, res) => {
  res.json({ status: 'ready' });
});

const dataDir = required('DATA_DIR');
app.use('/images', await objects({ dataDir, apiUrl: required('API_URL') }));
app.use(page({ apiUrl: required('API_PUBLIC_URL'), storageUrl: required('PUBLIC_URL'), published: await publish(dataDir) }));
app.use(notFound);
app.use(sendProblem);

const server = app.listen(Number(PORT), HOST, (error) => {
  if (error) throw error;
  console.log(`Storage is on http://${HOST}:${PORT}`);
});

// Takes nobody new, and goes when everybody has their answer, or in time for a deploy, which waits for 10 s.
process.once('SIGTERM', () => {
  server.close(() => process.exit());
  setInterval(() => server.closeIdleConnections(), 20);
  setTimeout(() => process.exit(), 9_000);
});

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: give it to this service in stack.ts.`);
  return value;
}
