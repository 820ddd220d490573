// A stand-in until step 5 is done.
import http from 'node:http';
const { HOST, PORT, MACHINE_NAME = '', ORIGIN } = process.env;
const kept = new Map<string, { type: string; bytes: Buffer }>();
http.createServer(async (req, res) => {
  res.setHeader('X-Served-By', MACHINE_NAME);
  res.setHeader('Access-Control-Allow-Origin', '*');
  const path = new URL(req.url ?? '/', 'http://x').pathname;
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  if (path === '/livez' || path === '/readyz' || path === '/') return res.end('{}');
  if (ORIGIN) {
    const answer = await fetch(new URL(req.url ?? '/', ORIGIN)).catch(() => undefined);
    if (!answer) return res.writeHead(502).end();
    res.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'text/plain' });
    return res.end(Buffer.from(await answer.arrayBuffer()));
  }
  if (req.method === 'PUT') {
    kept.set(path, { type: req.headers['content-type'] ?? '', bytes: Buffer.concat(chunks) });
    return res.writeHead(201).end();
  }
  if (req.method === 'DELETE') return res.writeHead(kept.delete(path) ? 204 : 404).end();
  const found = kept.get(path);
  if (!found) return res.writeHead(404).end();
  res.writeHead(200, { 'content-type': found.type, 'content-length': found.bytes.length });
  res.end(req.method === 'HEAD' ? undefined : found.bytes);
}).listen(Number(PORT), HOST);
