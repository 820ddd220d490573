// What `npm run compose` writes, read and run by Docker's own Compose.

import { symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { User } from '../../src/check/user.ts';
import { writeSecrets } from '../../src/compose/secrets.ts';
import { repository } from '../../src/run/repository.ts';
import { seedFeed } from '../../src/run/seed.ts';
import { docker, requireEngine, requireImages } from '../../src/runtime/containers/engine.ts';
import { images } from '../../src/runtime/containers/images.ts';
import { Ports } from '../../src/runtime/index.ts';
import { solvedSteps, type Solved } from '../composed.ts';
import { temporaryFolder } from '../unit/temporary.ts';

const folder = temporaryFolder();
const solved = await solvedSteps(folder);
const project = `graminsta-test-${process.pid}`;
const started = new Set<string>();

const fileOf = ({ folder: stepFolder }: Solved): string => path.join(stepFolder, 'compose.yaml');
const compose = (step: Solved, ...args: string[]): Promise<string> => docker(['compose', '--file', fileOf(step), '--project-name', project, ...args], { timeoutMs: 120_000 });

beforeAll(async () => {
  await requireEngine();
  symlinkSync(path.join(repository, 'node_modules'), path.join(folder, 'node_modules'));
  for (const step of solved) {
    writeFileSync(fileOf(step), step.text);
    await writeSecrets(step.stack, path.join(folder, '.graminsta/compose', path.basename(step.folder)));
  }
});
afterAll(async () => {
  for (const file of started) await docker(['compose', '--file', file, '--project-name', project, 'down', '--volumes', '--timeout', '0'], { timeoutMs: 120_000 });
  delete process.env['PORT_SERVER'];
});

test.each(solved)('Compose understands the file of step $number', async (step) => {
  expect(await compose(step, 'config', '--quiet')).toBe('');
});

test('step 2 comes up, takes photos and shows them where it is published, and leaves nothing', async () => {
  await requireImages([images.node, images.postgres]);
  const step = solved.find(({ number }) => number === '02')!;
  const ports = await Ports.claim();
  const port = await ports.take();
  process.env['PORT_SERVER'] = String(port);
  started.add(fileOf(step));
  try {
    await compose(step, 'up', '--wait', '--quiet-pull');

    const base = `http://127.0.0.1:${port}`;
    expect(await seedFeed(base)).toBeGreaterThan(0);
    const visitor = new User('visitor', { base });
    const { photos } = (await visitor.feed({ limit: 1 })).json as { photos: { imageUrl: string }[] };
    const picture = await fetch(new URL(photos[0]!.imageUrl, base));
    expect(picture.status).toBe(200);
    expect(picture.headers.get('content-type')).toMatch(/^image\//);
    visitor.client.close();

    const published = await docker(['ps', '--filter', `label=com.docker.compose.project=${project}`, '--format', '{{.Ports}}']);
    expect(published).toContain(`127.0.0.1:${port}->`);
    expect(published).not.toContain('0.0.0.0:');
  } finally {
    await compose(step, 'down', '--volumes');
    started.delete(fileOf(step));
    await ports.release();
  }
  for (const kind of [['ps', '--all'], ['network', 'ls'], ['volume', 'ls']]) {
    expect(await docker([...kind, '--quiet', '--filter', `label=com.docker.compose.project=${project}`]), kind[0]).toBe('');
  }
});
