// Looks at everything at once and puts together what was seen.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { bugReport, tellingVariables } from './bug-report.ts';
import { computerChecks } from './computer.ts';
import type { Check, DoctorDocument, Section } from './document.ts';
import { folderChecks } from './folder.ts';
import { lookAtRuns } from './leftovers.ts';
import { packageChecks } from './packages.ts';
import { programChecks } from './programs.ts';
import { revisionOf } from './revision.ts';
import { seen } from './seen.ts';
import { thisComputer, type Surroundings } from './surroundings.ts';

/**
 * Changes nothing, but for sweeping what killed commands left behind. What cannot be looked at is a check of its own, and
 * wrong: nobody knows whether the steps find what they need.
 */
export async function checkup(around: Surroundings = thisComputer()): Promise<DoctorDocument> {
  const [packages, programs, computer, folder, { runs, checks: commands }, { version, checks: missing }, revision] = await Promise.all([
    seen(around, () => packageChecks(around), unknown('packages', 'programs')),
    seen(around, () => programChecks(around), unknown('programs', 'programs')),
    seen(around, () => computerChecks(around), unknown('computer', 'computer')),
    seen(around, () => folderChecks(around), unknown('folder', 'folder')),
    seen(around, () => lookAtRuns(around), (saw) => ({ runs: { running: [], swept: [], strays: [] }, checks: unknown('commands', 'commands')(saw) })),
    seen(around, () => versionOf(around.repository), (saw) => ({ version: 'unknown', checks: unknown('version', 'folder')(saw) })),
    revisionOf(around.repository),
  ]);
  const checks = [...packages, ...programs, ...computer, ...folder, ...missing, ...commands];
  const workshop = { version, revision };
  return {
    document: 'graminsta.doctor',
    format: 1,
    ready: checks.every(({ state }) => state !== 'wrong'),
    workshop,
    checks,
    runs,
    bugReport: bugReport({ workshop, checks }, tellingVariables(around.env)),
  };
}

function unknown(id: string, section: Section): (saw: string) => Check[] {
  return (saw) => [{ id, section, name: id, state: 'wrong', saw }];
}

async function versionOf(repository: string): Promise<{ version: string; checks: Check[] }> {
  const { version } = JSON.parse(await readFile(path.join(repository, 'package.json'), 'utf8')) as { version?: unknown };
  if (typeof version !== 'string') throw new Error('package.json has none');
  return { version, checks: [] };
}
