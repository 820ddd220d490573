// Looks at everything at once and puts together what was seen.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { bugReport, tellingVariables } from './bug-report.ts';
import { computerChecks } from './computer.ts';
import type { DoctorDocument } from './document.ts';
import { folderChecks } from './folder.ts';
import { lookAtRuns } from './leftovers.ts';
import { packageChecks } from './packages.ts';
import { programChecks } from './programs.ts';
import { revisionOf } from './revision.ts';
import { thisComputer, type Surroundings } from './surroundings.ts';

/** Changes nothing, but for sweeping what killed commands left behind. */
export async function checkup(around: Surroundings = thisComputer()): Promise<DoctorDocument> {
  const [packages, programs, computer, folder, { runs, checks: commands }, version, revision] = await Promise.all([
    packageChecks(around),
    programChecks(around),
    computerChecks(around),
    folderChecks(around),
    lookAtRuns(around),
    versionOf(around.repository),
    revisionOf(around.repository),
  ]);
  const checks = [...packages, ...programs, ...computer, ...folder, ...commands];
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

async function versionOf(repository: string): Promise<string> {
  const { version } = JSON.parse(await readFile(path.join(repository, 'package.json'), 'utf8')) as { version: string };
  return version;
}
