// Mutant: whatever client does not have, it answers with the page: nobody noticed that there is no /config.json.
// The program on the machine `client`: the files of the page, and where the page finds the API. It knows no
// database and no user.

import { fileURLToPath } from 'node:url';
import express from 'express';

const { HOST = '127.0.0.1', PORT = '3000', MACHINE_NAME = 'client' } = process.env;

const files = fileURLToPath(new URL('../client', import.meta.url));

const app = express();
app.disable('x-powered-by');
app.use((_req, res, next) => {
  res.set('X-Served-By', MACHINE_NAME);
  next();
});

app.get('/livez', (_req, res) => {
  res.json({ status: 'alive' });
});
// It needs nobody: while the API is away, there is still a page that says so.
app.get('/readyz', (_req, res) => {
  res.json({ status: 'ready' });
});

// Asked anew each time, which costs a 304, so that a new page does not run with an old script.
app.use(express.static(files, { setHeaders: (res) => res.setHeader('Cache-Control', 'no-cache') }));
app.use((_req, res) => {
  res.sendFile('index.html', { root: files });
});

app.listen(Number(PORT), HOST, (error) => {
  if (error) throw error;
  console.log(`The page is on http://${HOST}:${PORT}`);
});
