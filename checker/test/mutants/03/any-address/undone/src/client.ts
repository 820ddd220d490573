// Mutant: the page is made for one address at each start: it stands in the HTML, and the configuration is asked by nobody.
// The program on the machine `client`: the files of the page, and where the page finds the API. It knows no
// database and no user.

import { fileURLToPath } from 'node:url';
import { readFileSync } from 'node:fs';
import express from 'express';

const { HOST = '127.0.0.1', PORT = '3000', MACHINE_NAME = 'client', API_URL } = process.env;
if (!API_URL) throw new Error('API_URL is not set: give it to this service in stack.ts.');

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

// The one thing that differs from place to place. The files are the same everywhere, so they can be built once.
app.get('/config.json', (_req, res) => {
  res.set('Cache-Control', 'no-store').json({ apiUrl: API_URL });
});

app.get('/', (_req, res) => {
  const html = readFileSync(`${files}/index.html`, 'utf8');
  res.type('html').send(html.replace('<title>', `<meta name="api" content="${API_URL}">\n  <title>`));
});

// Asked anew each time, which costs a 304, so that a new page does not run with an old script.
app.use(express.static(files, { setHeaders: (res) => res.setHeader('Cache-Control', 'no-cache') }));
app.use((_req, res) => {
  res.status(404).type('text').send('There is no such page.');
});

app.listen(Number(PORT), HOST, (error) => {
  if (error) throw error;
  console.log(`The page is on http://${HOST}:${PORT}`);
});
