// Mutant: the two programs swapped places: db hosts the app beside the database, server only passes requests on.
// Passes every request on to the app.

import http from 'node:http';

const app = new URL(process.env.APP_URL ?? '');

http
  .createServer((req, res) => {
    const { method, headers, url: path } = req;
    const onward = http.request({ host: app.hostname, port: app.port, method, headers, path }, (answer) => {
      res.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(res);
    });
    onward.on('error', () => res.writeHead(502).end());
    req.pipe(onward);
  })
  .listen(Number(process.env.PORT), process.env.HOST);
