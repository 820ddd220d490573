// Storage and the API have other origins than the page: a browser asks before it sends what a page wants to send there.
// https://fetch.spec.whatwg.org/#cors-protocol

import { distinct, pictures, requireAnswer, requireThat, type Answer, type App, type User } from 'checker/check';
import { edges } from './edges.ts';
import { allowed, requireInTime } from './uploading.ts';

const why = 'The page comes from an edge. A browser sends its uploads nowhere else unless it is told that it may.';

export async function aPageMayUpload(app: App, ada: User, seconds: number): Promise<void> {
  const { url, headers } = await allowed(ada, pictures.png);
  for (const edge of edges) {
    const origin = app.stack.publicUrl(edge);
    const ask = (target: string, method: string, names: readonly string[]): Promise<Answer> =>
      ada.client.send({
        method: 'OPTIONS',
        url: target,
        headers: { origin, 'access-control-request-method': method, 'access-control-request-headers': names.map((name) => name.toLowerCase()).sort().join(',') },
        asStranger: true,
      });
    const api = await ask('/api/uploads', 'POST', ['authorization', 'content-type']);
    requirePermits(api, origin, 'POST', ['authorization', 'content-type'], `A page from ${edge} wanted to ask the API for the permission to upload`);
    const names = Object.keys(headers).filter((name) => !/^(content-length|host)$/i.test(name));
    const storage = await ask(url, 'PUT', names);
    requirePermits(storage, origin, 'PUT', names, `A page from ${edge} wanted to send an image to the url of a permission`);
  }
  for (const edge of edges) {
    const origin = app.stack.publicUrl(edge);
    const picture = distinct(pictures.webp, `from the page at ${edge}`);
    const permission = await allowed(ada, picture);
    const put = await ada.puts({ ...permission, headers: { ...permission.headers, origin } }, picture.bytes);
    if (!put.ok) requireInTime(permission, seconds);
    const did = `A page from ${edge} sent an image to the url of a permission`;
    requireAnswer(put, { did, why });
    const seen = put.headers['access-control-allow-origin'] ?? 'none';
    requireThat(put.ok && [origin, '*'].includes(seen), { did, saw: `${put.status}, access-control-allow-origin: ${seen}`, expected: `a status from 200 to 299, and access-control-allow-origin: ${origin}`, why: 'A page that may not read the answer takes it for an error.', machine: put.machine });
  }
}

function requirePermits(answer: Answer, origin: string, method: string, names: readonly string[], did: string): void {
  requireAnswer(answer, { did, why });
  const listed = (header: string): string[] => (answer.headers[header] ?? '').toLowerCase().split(',').map((item) => item.trim());
  const allowedOrigin = answer.headers['access-control-allow-origin'] ?? 'none';
  const isFree = (name: string): boolean => listed('access-control-allow-headers').includes('*') && name.toLowerCase() !== 'authorization';
  const lacking = names.filter((name) => !listed('access-control-allow-headers').includes(name.toLowerCase()) && !isFree(name));
  const methods = listed('access-control-allow-methods');
  const permits = answer.ok && [origin, '*'].includes(allowedOrigin) && (method === 'POST' || methods.includes(method.toLowerCase()) || methods.includes('*')) && lacking.length === 0;
  requireThat(permits, {
    did,
    saw: `OPTIONS ${answer.request.path.split('?')[0] ?? ''} → ${answer.status}, access-control-allow-origin: ${allowedOrigin}, -methods: ${methods.join(', ') || 'none'}${lacking.length > 0 ? `, and of the headers not ${lacking.join(', ')}` : ''}`,
    expected: `access-control-allow-origin: ${origin}, with ${method}${names.length > 0 ? ` and the headers ${names.join(', ')}` : ''}`,
    why,
    machine: answer.machine,
  });
}
