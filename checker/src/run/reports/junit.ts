// Verdicts as a JUnit report, for build servers and editors. Its schema is docs/static/schemas/junit.xsd: what Jenkins,
// GitLab and GitHub's actions read alike. Pure.

import { create } from 'xmlbuilder2';
import type { Exercise } from '../../stack/step.ts';
import type { Outcome } from '../outcome.ts';
import type { StepPlace } from '../steps.ts';
import { outcomeReport } from './terminal.ts';
import { failureReport } from './report.ts';

const width = 100;

/** @param at when the check began, in ISO 8601 */
export function junit({ name, step }: StepPlace, outcomes: readonly { exercise: Exercise; outcome: Outcome }[], at: string): string {
  const count = (verdict: Outcome['verdict']): number => outcomes.filter(({ outcome }) => outcome.verdict === verdict).length;
  const totals = {
    tests: outcomes.length,
    failures: count('failed'),
    errors: count('fault'),
    time: seconds(outcomes.reduce((sum, { outcome }) => sum + outcome.ms, 0)),
  };
  // A program may print any byte, and XML has no way to write some of them (section 2.2 of XML 1.0).
  const root = create({ version: '1.0', encoding: 'UTF-8', invalidCharReplacement: '�' });
  const suites = root.ele('testsuites', { name: 'Graminsta', ...totals });
  // The xUnit plugin of Jenkins refuses `skipped` on the outer element: its junit-10.xsd knows it on the suite alone.
  const suite = suites.ele('testsuite', {
    name: literal(`Step ${step.number} · ${step.title}`),
    ...totals,
    skipped: count('not run'),
    timestamp: at.replace(/\.\d+Z$/, ''),
  });
  for (const { exercise, outcome } of outcomes) {
    const test = suite.ele('testcase', { classname: name, name: literal(`${exercise.number} ${exercise.title}`), time: seconds(outcome.ms) });
    const text = literal(outcomeReport(exercise, name, outcome, { width, colours: false }).join('\n').trim());
    if (outcome.verdict === 'failed') {
      const { headline, saw, kind } = failureReport(exercise, name, outcome.finding);
      test.ele('failure', { message: literal(`${headline}: ${saw}`), type: kind }).txt(text);
    } else if (outcome.verdict === 'not run') test.ele('skipped', { message: literal([outcome.reason, outcome.remedy].filter(Boolean).join(' ')) });
    else if (outcome.verdict === 'fault') test.ele('error', { message: 'A fault of the checker', type: 'fault' }).txt(text);
  }
  return `${root.end({ prettyPrint: true })}\n`;
}

/** A text as it is: xmlbuilder2 leaves alone what looks like `&nbsp;`, which XML does not know and a program may answer. */
function literal(text: string): string {
  return text.replaceAll('&', '&amp;');
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}
