// What to paste into a bug report: everything that was seen, on a line each. Pure.

import type { Check, DoctorDocument } from './document.ts';

/** Compact Markdown. Private things were taken out where they came in: `Surroundings.discreet`. */
export function bugReport({ workshop, checks }: Pick<DoctorDocument, 'workshop' | 'checks'>, variables: readonly string[]): string {
  const { version, revision } = workshop;
  return [
    `Graminsta ${version}, ${revision === null ? 'revision unknown' : `revision ${revision.slice(0, 12)}`}`,
    '',
    ...checks.map(line),
    ...(variables.length > 0 ? [`- set in the environment: ${variables.join(', ')}`] : []),
  ].join('\n');
}

function line({ name, state, saw }: Check): string {
  return `- ${name}: ${state === 'fine' ? '' : `**${state}**, `}${saw}`;
}

/** Variables that change how Node, Postgres or a command of ours behaves. */
const telling = [
  ...['CI', 'GRAMINSTA_HOME', 'LD_LIBRARY_PATH', 'LD_PRELOAD', 'NODE_ENV', 'NODE_OPTIONS', 'NODE_PATH', 'TMPDIR'],
  ...['PGDATABASE', 'PGHOST', 'PGOPTIONS', 'PGPASSWORD', 'PGPORT', 'PGSSLMODE', 'PGUSER'],
];

/** The names of those that are set, never their values. */
export function tellingVariables(env: NodeJS.ProcessEnv): string[] {
  return telling.filter((name) => env[name] !== undefined);
}
