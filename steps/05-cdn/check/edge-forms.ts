// The other ways to ask for the same: only for the head, only if it has changed, only for a part of it.

import { randomBytes } from 'node:crypto';
import { requireStatus, requireThat, type Answer } from 'checker/check';
import { inWords, requireWhole, type EdgeScene } from './edge-scene.ts';
import { forAYear } from './edge-keeping.ts';

const lastModified = 'Sun, 01 Nov 2026 10:00:00 GMT';
const image = randomBytes(20_000);
const headers = { 'content-type': 'image/png', etag: '"v1"', 'last-modified': lastModified, 'cache-control': forAYear };

export async function answersForTheHead({ origin, edge, ada, bob }: EdgeScene): Promise<void> {
  const path = '/images/head.png';
  origin.gives(path, { headers, body: image });
  const why = 'HEAD asks for the headers of what is there. It has no body, and says nothing about what GET gets (RFC 9110, section 9.3.2).';
  requireHead(await ada.asks(path, { method: 'HEAD' }), `Ada asked ${edge} for HEAD ${path}`, why, edge);
  requireWhole(await bob.asks(path), image, { did: `Ada asked ${edge} for HEAD ${path}, and then Bob for GET`, why, machine: edge });
  requireHead(await ada.asks(path, { method: 'HEAD' }), `Bob asked ${edge} for GET ${path}, and then Ada for HEAD`, why, edge);
  requireWhole(await bob.asks(path), image, { did: `Bob, Ada and Bob asked ${edge} for GET, HEAD and GET of ${path}`, why, machine: edge });
}

function requireHead(answer: Answer, did: string, why: string, machine: string): void {
  requireStatus(answer, 200, { did, why });
  const length = answer.headers['content-length'];
  const seen = { 'content-type': answer.headers['content-type'] ?? 'nothing', etag: (answer.headers['etag'] ?? 'nothing').replace(/^W\//, ''), 'content-length': length ?? String(image.length) };
  const expected = { 'content-type': 'image/png', etag: '"v1"', 'content-length': String(image.length) };
  for (const name of ['content-type', 'etag', 'content-length'] as const) {
    requireThat(seen[name] === expected[name], { did, saw: `${name}: ${seen[name]}`, expected: `${name}: ${expected[name]}, as GET has it`, why, machine });
  }
}

export async function answersConditions({ origin, edge, ada, bob }: EdgeScene): Promise<void> {
  const path = '/images/condition.png';
  origin.gives(path, { headers, body: image });
  // Ada has it from before, and the edge has nothing yet.
  const cold = await ada.asks(path, { headers: { 'if-none-match': '"v1"' } });
  const coldDid = `Ada had ${path} already, and asked ${edge} for it with if-none-match: "v1"`;
  const coldWhy = 'A browser that has an image asks whether it has changed.';
  if (cold.status !== 304) requireWhole(cold, image, { did: coldDid, why: coldWhy, machine: edge });
  const why304 = 'A 304 says: what you have is still right. To somebody who has nothing, or something else, it is no answer.';
  requireWhole(await bob.asks(path), image, { did: `${coldDid}; then Bob asked, who had nothing`, why: why304, machine: edge });

  const unchanged = await ada.asks(path, { headers: { 'if-none-match': '"v1"' } });
  requireStatus(unchanged, 304, {
    did: `Bob got ${path} from ${edge}; then Ada asked for it with if-none-match: "v1", the ETag that it has`,
    why: 'The edge has the image and its ETag: all that Ada needs to know is that hers is still right. Sending it whole costs her a picture\'s worth of time (RFC 9111, section 4.3.2).',
  });
  requireThat(unchanged.body.length === 0, { did: coldDid, saw: `304 with ${inWords(unchanged.body)}`, expected: '304 and no body', why: why304, machine: edge });
  const conditions: readonly [Record<string, string>, string][] = [
    [{ 'if-none-match': '"v0"' }, 'another ETag than it has'],
    [{ 'if-none-match': '"v0", "v2"' }, 'two other ETags than it has'],
    [{ 'if-none-match': '"v"' }, 'an ETag that begins as the right one'],
    [{ 'if-none-match': '"v0"', 'if-modified-since': lastModified }, 'another ETag than it has, which counts more than the date'],
    [{ 'if-modified-since': 'Thu, 01 Oct 2026 10:00:00 GMT' }, 'a date before the last change'],
  ];
  for (const [asked, meaning] of conditions) {
    const did = `Bob asked ${edge} for ${path} with ${Object.entries(asked).map(([name, value]) => `${name}: ${value}`).join(' and ')}: ${meaning}`;
    requireWhole(await bob.asks(path, { headers: asked }), image, { did, why: why304, machine: edge });
  }
  const several = await bob.asks(path, { headers: { 'if-none-match': '"v0", W/"v1"' } });
  if (several.status !== 304) requireWhole(several, image, { did: `Bob asked ${edge} for ${path} with if-none-match: "v0", W/"v1"`, why: why304, machine: edge });
  requireWhole(await ada.asks(path), image, { did: `Others had asked ${edge} for ${path} with conditions; then Ada asked without one`, why: why304, machine: edge });
}

export async function answersRanges({ origin, edge, ada, bob }: EdgeScene): Promise<void> {
  const path = '/images/range.png';
  origin.gives(path, { headers, body: image });
  const why = 'A part is kept as a part or not at all. Who asks for the whole and gets a part has half a picture, for a year.';
  const asksFor = async (range: string, first: number, last: number, more: Record<string, string> = {}): Promise<void> => {
    requirePart(await ada.asks(path, { headers: { range, ...more } }), first, last, `Ada asked ${edge} for ${path} with range: ${range}`, edge);
  };
  const whole = async (before: string): Promise<void> =>
    requireWhole(await bob.asks(path), image, { did: `${before}; then Bob asked ${edge} for the whole of ${path}`, why, machine: edge });

  await asksFor('bytes=100-299', 100, 299);
  await asksFor('bytes=1000-1999', 1_000, 1_999);
  await whole('Ada asked for two parts of an image');
  await asksFor('bytes=100-299', 100, 299);
  await asksFor('bytes=0-0', 0, 0);
  await asksFor('bytes=19000-', 19_000, image.length - 1);
  await asksFor('bytes=-500', image.length - 500, image.length - 1);
  await asksFor('bytes=19999-50000', 19_999, 19_999);
  await whole('Ada asked for parts of an image that was kept');

  const beyond = await ada.asks(path, { headers: { range: 'bytes=50000-' } });
  const beyondDid = `Ada asked ${edge} for ${path}, which has ${image.length} bytes, with range: bytes=50000-`;
  if (beyond.status !== 416) requireWhole(beyond, image, { did: beyondDid, why, machine: edge });
  const older = await ada.asks(path, { headers: { range: 'bytes=100-299', 'if-range': '"v0"' } });
  requireWhole(older, image, {
    did: `Ada has the beginning of another version, and asked ${edge} for ${path} with range: bytes=100-299 and if-range: "v0"`,
    why: 'If-Range says: the part, if it is still the same image, and otherwise the whole of it. Two halves of two pictures are no picture (RFC 9110, section 13.1.5).',
    machine: edge,
  });
  await whole('Ada asked for what is beyond the end');
}

function requirePart(answer: Answer, first: number, last: number, did: string, machine: string): void {
  const why = 'Who asks for a part puts it beside what they have. It has to be that part, or be the whole and say so (RFC 9110, section 14.2).';
  if (answer.status === 200) return requireWhole(answer, image, { did, why, machine });
  requireStatus(answer, [200, 206], { did, why });
  const range = answer.headers['content-range'] ?? 'nothing';
  const isRight = range === `bytes ${first}-${last}/${image.length}` && answer.body.equals(image.subarray(first, last + 1));
  requireThat(isRight, {
    did,
    saw: `206 with content-range: ${range} and ${answer.body.length} bytes`,
    expected: `206 with content-range: bytes ${first}-${last}/${image.length} and those ${last - first + 1} bytes, or 200 with all of them`,
    why,
    machine,
  });
}
