// Parts of the reference storage of step 5 that no check can bring about: a disk that is full, clocks that differ.

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openFolder, writeOnce } from '../../../steps/05-cdn/solution/src/disk.ts';
import { isSigned, permittedPath, type Permission } from '../../../steps/05-cdn/solution/src/permission.ts';

let folder = '';
beforeEach(async () => {
  folder = await openFolder(path.join(await mkdtemp(path.join(tmpdir(), 'graminsta-')), 'images'));
});
afterEach(() => rm(path.dirname(folder), { recursive: true, force: true }));

const limitBytes = 1_000;
const half = Buffer.from('half of an image');

function* endingWith(code: string): Generator<Buffer> {
  yield half;
  throw Object.assign(new Error(`${code}: as the disk says it`), { code });
}

describe('a disk that is full', () => {
  test.each(['ENOSPC', 'EDQUOT', 'EFBIG'])('%s is a 507, and nothing torn stays', async (code) => {
    await expect(writeOnce(folder, 'a.png', endingWith(code), limitBytes)).rejects.toMatchObject({ status: 507 });
    expect(await readdir(folder)).toEqual([]);
  });

  test('has no more to say once there is room again', async () => {
    await expect(writeOnce(folder, 'a.png', endingWith('ENOSPC'), limitBytes)).rejects.toMatchObject({ status: 507 });
    await writeOnce(folder, 'a.png', [half, half], limitBytes);
    expect(await readFile(path.join(folder, 'a.png'))).toEqual(Buffer.concat([half, half]));
  });

  test('is not blamed for other failures', async () => {
    await expect(writeOnce(folder, 'a.png', endingWith('EIO'), limitBytes)).rejects.toMatchObject({ code: 'EIO' });
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('a file', () => {
  test('is whole or not there, and the first of its name stays', async () => {
    await expect(writeOnce(folder, 'a.png', [Buffer.alloc(limitBytes), half], limitBytes)).rejects.toMatchObject({ status: 413 });
    expect(await readdir(folder)).toEqual([]);
    const both = await Promise.allSettled(['one', 'two'].map((text) => writeOnce(folder, 'a.png', [Buffer.from(text)], limitBytes)));
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const refused = both.find((outcome) => outcome.status === 'rejected');
    expect(refused?.reason).toMatchObject({ status: 409 });
    expect(await readFile(path.join(folder, 'a.png'), 'utf8')).toBe(both[0]?.status === 'fulfilled' ? 'one' : 'two');
  });
});

describe('a permission', () => {
  const secret = 'known-to-both';
  const minute = 60_000;
  const lasts = 5 * minute;
  afterEach(() => void vi.useRealTimers());

  /** As storage reads it from the address. */
  function given(at: number): { permission: Permission; signature: string } {
    const meant: Permission = { method: 'PUT', name: 'a.png', type: 'image/png', size: 7, expires: at + lasts };
    const { searchParams } = new URL(permittedPath(meant, secret), 'http://storage');
    return { permission: { ...meant, size: Number(searchParams.get('size')), expires: Number(searchParams.get('expires')) }, signature: searchParams.get('signature') ?? '' };
  }

  test.each([
    ['a minute ahead', minute],
    ['a minute behind', -minute],
  ])('is good, and ends, on a machine whose clock is %s', (_how, aheadMs) => {
    vi.useFakeTimers();
    const apiTime = Date.UTC(2030, 0, 1);
    vi.setSystemTime(apiTime);
    const { permission, signature } = given(Date.now());
    vi.setSystemTime(apiTime + aheadMs);
    expect(isSigned(permission, signature, secret)).toBe(true);
    expect(permission.expires).toBeGreaterThan(Date.now());
    vi.setSystemTime(apiTime + aheadMs + lasts + minute + 1);
    expect(Date.now() > permission.expires).toBe(true);
  });

  test('is none when anything in it was changed, or another secret made it', () => {
    const { permission, signature } = given(Date.now());
    const changes: Partial<Permission>[] = [{ method: 'DELETE' }, { name: 'b.png' }, { type: 'image/gif' }, { size: 8 }, { expires: permission.expires + 1 }];
    for (const change of changes) expect(isSigned({ ...permission, ...change }, signature, secret)).toBe(false);
    expect(isSigned(permission, signature, 'another secret')).toBe(false);
    for (const other of ['', signature.slice(1), `${signature}A`, 'ö'.repeat(signature.length)]) expect(isSigned(permission, other, secret)).toBe(false);
  });
});
