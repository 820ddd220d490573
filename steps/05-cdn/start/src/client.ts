// The program on the machine `client`: the files of the page, and where the page finds the API. It knows no
// database and no user.

import { fileURLToPath } from 'node:url';
import express from 'express';

const { HOST = '127.0.0.1', PORT = '3000', MACHINE_NAME = 'client', API_URL } = process.env;
if (!API_URL) throw new Error('API_URL is not set: give it to this service in stack.ts.');
const apiOrigin = new URL(API_URL).origin;

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

// #region config
// The one thing that differs from place to place. The files are the same everywhere, so they can be built once.
app.get('/config.json', (_req, res) => {
  res.set('Cache-Control', 'no-store').json({ apiUrl: API_URL });
});
// #endregion

// #region files
// Whatever found its way into the page: the browser runs no script but ours, and lets the page talk to nobody but the API.
const policy = `default-src 'self'; connect-src 'self' ${apiOrigin}; img-src 'self' data: ${apiOrigin}`;

app.use(
  express.static(files, {
    setHeaders: (res) => {
      // Asked anew each time, which costs a 304, so that a new page does not run with an old script.
      res.setHeader('Cache-Control', 'no-cache');
      res.setHeader('Content-Security-Policy', policy);
      res.setHeader('X-Content-Type-Options', 'nosniff');
    },
  }),
);
// #endregion
app.use((_req, res) => {
  res.status(404).type('text').send('There is no such page.');
});

app.listen(Number(PORT), HOST, (error) => {
  if (error) throw error;
  console.log(`The page is on http://${HOST}:${PORT}`);
});
