// What commands print for programs, and the schemas that describe it: outcomes go in, documents come out, and a schema
// says whether they are as promised. It has to be able to say no.

import { readFileSync } from 'node:fs';
import type { AnySchemaObject } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../src/check/failure.ts';
import { timelineOf } from '../../src/check/timeline.ts';
import type { Progress, ProgressEntry } from '../../src/run/kept/progress.ts';
import { nextOf, standings } from '../../src/run/kept/standing.ts';
import type { Outcome } from '../../src/run/outcome.ts';
import {
  checkDocument,
  exerciseName,
  outcomeFields,
  stepName,
  type HintDocument,
  type PainDocument,
  type ProgressDocument,
  type SolutionDocument,
} from '../../src/run/reports/documents.ts';
import { hintNames } from '../../src/run/reports/hints.ts';
import { junit } from '../../src/run/reports/junit.ts';
import type { StepPlace } from '../../src/run/steps.ts';
import { defineStep, type Exercise, type ExerciseDeclaration } from '../../src/stack/step.ts';
import { inRoot } from '../all/paths.ts';
import { record, request, silent } from './crowds.ts';
import { canonical, documentErrors, junitErrors, schemaFiles, schemas, type DocumentName } from '../schemas.ts';

const finding: Finding = {
  kind: 'too slow',
  did: 'Ada asked for the feed',
  saw: 'no answer within 3.0 s',
  expected: '503 with Retry-After, within 3 s',
  why: 'Somebody who waits without an answer presses the button again.',
};
const crowd = timelineOf(record([request(0), request(300, { endedAt: 900 }), request(600, silent), request(900, { machine: undefined })], [{ at: 512.3, what: 'api-2 killed' }]));
const outcomes = {
  passed: { verdict: 'passed', ms: 412 },
  failed: { verdict: 'failed', ms: 3_049, finding: { ...finding, machine: undefined } },
  'failed, with all that can be known': {
    verdict: 'failed',
    ms: 3_049,
    finding: { ...finding, machine: 'server', place: 'src/db.ts:12', timeline: crowd, log: [{ machine: 'server', lines: ['Error: timeout'] }, { machine: 'db', lines: [] }] },
  },
  'not run': { verdict: 'not run', ms: 7, reason: 'This computer was too busy to judge it.' },
  'not run, with a remedy': { verdict: 'not run', ms: 7, reason: 'Chromium is missing.', remedy: 'Run ./setup --tests.' },
  'not run, with the remedy that is none': { verdict: 'not run', ms: 7, reason: 'Chromium is missing.', remedy: undefined },
  'not run, blocked': { verdict: 'not run', ms: 0, blocked: true, reason: 'Blocked by 2.1: exercises build on each other.' },
  fault: { verdict: 'fault', ms: 5, error: 'TypeError: app.fly is not a function\n    at start-the-machine.check.ts:4:5' },
} satisfies Record<string, Outcome>;
const all = Object.entries(outcomes);

const declared: ExerciseDeclaration = { slug: '', title: 'Share a pool', kind: 'core', minutes: 15, files: ['src/db.ts'], hints: ['One.', 'Two.', 'Three.'], checked: [] };
const step = defineStep({
  number: 2,
  title: 'Split out the database',
  users: '10 users',
  pain: '',
  fixed: { machines: [], entrances: [], variables: [], bounds: [] },
  exercises: [...all.map((_, index) => ({ ...declared, slug: `exercise-${index}` })), { ...declared, slug: 'an-extra', kind: 'extra' }],
});
const place: StepPlace = { name: '02-split-db', folder: '/nowhere', step };
const [first] = step.exercises as [Exercise];
const judged = all.map(([, outcome], index) => ({ exercise: step.exercises[index]!, outcome }));

/** As a program reads it. */
const printed = (document: unknown): unknown => JSON.parse(JSON.stringify(document));
const summarised = { passed: 1, failed: 2, notRun: 4, faults: 1 };

describe('a document of a check', () => {
  test.each(all)('with an exercise that is %s is as its schema says', (_what, outcome) => {
    const document = checkDocument(place, [{ exercise: first, outcome }], { interrupted: false });
    expect(documentErrors('check', printed(document))).toEqual([]);
  });

  test.each([
    ['of several exercises', judged, { interrupted: false }],
    ['that was ended before the first', [], { interrupted: true }],
    ['whose verdicts could not be kept', judged, { interrupted: false, notKept: 'the disk is full (.graminsta)' }],
  ])('%s is as its schema says', (_what, some, { interrupted, notKept }: { interrupted: boolean; notKept?: string }) => {
    const document = checkDocument(place, some, { interrupted, notKept });
    expect(documentErrors('check', printed(document))).toEqual([]);
    expect(document).toMatchObject({ interrupted, summary: some.length === 0 ? { passed: 0, failed: 0, notRun: 0, faults: 0 } : summarised });
    expect(document.notKept).toBe(notKept);
  });

  test.each<[string, object]>([
    ['a failure without a report', { verdict: 'failed' }],
    ['a failure with the report of one that was not run', { verdict: 'failed', report: { reason: 'This computer was too busy.' } }],
    ['one that was not run, with the report of a failure', { verdict: 'not run', report: outcomeFields(first, place.name, outcomes.failed).report! }],
    ['one that passed, with a report', { verdict: 'passed', report: { reason: 'This computer was too busy.' } }],
    ['one that passed, with an error', { verdict: 'passed', error: 'TypeError' }],
    ['a fault without an error', { verdict: 'fault' }],
    ['a verdict that nobody knows', { verdict: 'maybe' }],
  ])('is refused with %s', (_what, fields) => {
    const document = checkDocument(place, [{ exercise: first, outcome: outcomes.passed }], { interrupted: false });
    expect(documentErrors('check', { ...document, exercises: [{ ...document.exercises[0], ...fields }] })).not.toEqual([]);
  });
});

const at = '2026-03-01T12:00:00.000Z';
const entries: Record<string, Omit<ProgressEntry, 'at' | 'version'> & { version?: number }> = {
  passed: { verdict: 'passed', ms: 412 },
  'passed, noted by an older workshop': { verdict: 'passed' },
  'passed, by a check that has changed': { verdict: 'passed', version: 7 },
  failed: { verdict: 'failed', ms: 3_049, finding: outcomes['failed, with all that can be known'].finding },
  'failed, noted by an older workshop': { verdict: 'failed' },
  'not run': { verdict: 'not run', ms: 7, reason: 'Chromium is missing.', remedy: 'Run ./setup --tests.' },
};
const kept: Progress = {
  [place.name]: Object.fromEntries(Object.values(entries).map((entry, index) => [step.exercises[index]!.slug, { version: 1, at, ...entry }])),
};
const running = [{ step: place.name, slug: step.exercises[0]!.slug }];

function progressDocument(progress: Progress, runs: typeof running = []): ProgressDocument {
  return { document: 'graminsta.progress', format: 1, steps: standings([place], progress, runs), next: nextOf([place], progress) };
}

describe('a document of the progress', () => {
  const everything = Object.fromEntries(step.exercises.map(({ slug }) => [slug, { verdict: 'passed' as const, version: 1, at }]));

  test.each<[string, ProgressDocument, string[]]>([
    ['with nothing done', progressDocument({}), ['open']],
    ['with all that an exercise can be', progressDocument(kept), ['passed', 'open', 'failed', 'not run']],
    ['while an exercise is judged', progressDocument(kept, running), ['judging', 'passed', 'open', 'failed', 'not run']],
    ['with everything done', progressDocument({ [place.name]: everything }), ['passed']],
  ])('%s is as its schema says', (_what, document, states) => {
    expect(documentErrors('progress', printed(document))).toEqual([]);
    expect(new Set(document.steps[0]!.exercises.map(({ state }) => state))).toEqual(new Set(states));
    expect(document.next === null).toBe(states.every((state) => state === 'passed'));
  });
});

const hint: HintDocument = {
  document: 'graminsta.hint',
  format: 1,
  step: stepName(place),
  exercise: exerciseName(first),
  hints: first.hints.map((text, index) => ({ level: index + 1, name: hintNames[index]!, text })),
  levels: first.hints.length,
};
const solution: SolutionDocument = {
  document: 'graminsta.solution',
  format: 1,
  step: stepName(place),
  exercise: exerciseName(first),
  files: [{ path: 'steps/02-split-db/src/db.ts', diff: '--- a\n+++ b\n' }, { path: 'steps/02-split-db/src/feed.ts', diff: '' }],
};
const timeline = [{ ms: 0, saw: 'Ada posts a photo.' }, { ms: 1_204, saw: 'The power goes.' }, { ms: 3_300, saw: 'What sixty people saw:', crowd }];
const painOf = (outcome: Outcome): PainDocument => ({ document: 'graminsta.pain', format: 1, step: stepName(place), timeline, ...outcomeFields(first, place.name, outcome) });

test.each(all)('a document of a pain that is %s is as its schema says', (_what, outcome) => {
  expect(documentErrors('pain', printed(painOf(outcome)))).toEqual([]);
});

/** One of each, with every field that there is, and the fields that may be missing. */
const samples: [DocumentName, unknown, string[]][] = [
  [
    'check',
    checkDocument(place, [all[0]!, all[2]!, all[4]!, all[7]!].map(([, outcome]) => ({ exercise: first, outcome })), { interrupted: false, notKept: 'the disk is full' }),
    ['notKept', 'exercises[].report.machine', 'exercises[].report.timeline', 'exercises[].report.remedy'],
  ],
  [
    'progress',
    progressDocument(kept),
    ['steps[].exercises[].at', 'steps[].exercises[].ms', 'steps[].exercises[].checkHasChanged', 'steps[].exercises[].report', 'steps[].exercises[].report.machine', 'steps[].exercises[].report.timeline', 'steps[].exercises[].report.remedy'],
  ],
  ['hint', hint, []],
  ['solution', solution, ['exercise', 'files[].diff']],
  ['pain', painOf(outcomes['failed, with all that can be known']), ['timeline[].crowd', 'report.machine', 'report.timeline']],
  ['pain', painOf(outcomes['not run, with a remedy']), ['timeline[].crowd', 'report.remedy']],
  ['pain', painOf(outcomes.fault), ['timeline[].crowd']],
];

describe('the schema of each document', () => {
  test.each(samples)('takes %s with every field that there is', (name, document) => {
    expect(documentErrors(name, printed(document))).toEqual([]);
  });

  test.each(samples)('refuses %s with a field that nobody knows, wherever it is', (name, document) => {
    for (const { path, changed } of changes(document, (object) => [{ key: 'surprise', object: { ...object, surprise: true } }])) {
      expect({ path, errors: documentErrors(name, changed) }).toEqual({ path, errors: expect.arrayContaining([expect.stringContaining('additional')]) as string[] });
    }
  });

  test.each(samples)('refuses %s without any of its fields, but for those that may be missing', (name, document, optional) => {
    const without = changes(document, (object) => Object.keys(object).map((key) => ({ key, object: Object.fromEntries(Object.entries(object).filter(([other]) => other !== key)) })));
    const accepted = without.filter(({ changed }) => documentErrors(name, changed).length === 0).map(({ path }) => path);
    expect(new Set(accepted)).toEqual(new Set(optional));
  });

  test.each(samples)('refuses %s with a value of another kind, wherever it is', (name, document) => {
    const spoilt = changes(document, (object) => Object.entries(object).map(([key, value]) => ({ key, object: { ...object, [key]: typeof value === 'string' ? 7 : 'seven' } })));
    expect(spoilt.length).toBeGreaterThan(8);
    expect(spoilt.filter(({ changed }) => documentErrors(name, changed).length === 0)).toEqual([]);
  });

  test('says of every field what it means, and in which unit', () => {
    for (const [file, schema] of schemas) {
      expect(schema['$schema']).toBe('https://json-schema.org/draft/2020-12/schema');
      expect(schema['$id']).toBe(file);
      expect(undescribed(schema)).toEqual([]);
    }
  });
});

describe('the page about documents', () => {
  const page = readFileSync(inRoot('docs/content/machine-readable.mdx'), 'utf8');

  test('links to every schema', () => {
    for (const file of schemaFiles) expect(page).toContain(`(pathname:///schemas/${file})`);
  });

  test('shows an example that is as its schema says', () => {
    const [, example = ''] = /```json\n([^]*?)```/.exec(page) ?? [];
    expect(documentErrors('check', JSON.parse(example))).toEqual([]);
  });
});

/** Every document that differs from this one in one place: an object of it is replaced as told, one after the other. */
function changes(document: unknown, change: (object: Record<string, unknown>) => { key: string; object: object }[]): { path: string; changed: unknown }[] {
  const walk = (value: unknown, path: string, put: (changed: unknown) => unknown): { path: string; changed: unknown }[] => {
    if (Array.isArray(value)) return value.flatMap((item, index) => walk(item, `${path}[]`, (changed) => put(value.with(index, changed))));
    if (typeof value !== 'object' || value === null) return [];
    const below = Object.entries(value).flatMap(([key, item]) => walk(item, path === '' ? key : `${path}.${key}`, (changed) => put({ ...value, [key]: changed })));
    return [...change(value as Record<string, unknown>).map(({ key, object }) => ({ path: path === '' ? key : `${path}.${key}`, changed: put(object) })), ...below];
  };
  return walk(printed(document), '', (changed) => changed);
}

/** The properties of a schema that have no description; what `if` and `then` say is about fields that have one. */
function undescribed(schema: unknown, path = ''): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema as AnySchemaObject).flatMap(([key, value]: [string, unknown]) => {
    if (['if', 'then', 'else'].includes(key)) return [];
    if (key !== 'properties') return undescribed(value, `${path}/${key}`);
    return Object.entries(value as Record<string, AnySchemaObject>).flatMap(([name, property]) => {
      const isDescribed = typeof property['description'] === 'string' || typeof property['$ref'] === 'string';
      return [...(isDescribed ? [] : [`${path}/${name}`]), ...undescribed(property, `${path}/${name}`)];
    });
  });
}

describe('a JUnit report', () => {
  const began = '2026-03-01T12:00:00.123Z';
  const nasty = [
    ['markup', '<b>bold</b> &amp; <![CDATA[x]]> <!-- y --> <?z?>'],
    ['entities', '&lt;b&gt; &amp;lt; &amp;amp; &quot; &apos; &nbsp; &#0; &#x1b; &unknown; & &; &'],
    ['quotes', `"double" 'single' \`back\``],
    ['the end of CDATA', 'a ]]> b ]]&gt; c'],
    ['control characters', 'a\u0000b\u0001c\u0008d\u001b[31me\u007ff\u0085g'],
    ['what is no character', 'a\ufffeb\uffffc'],
    ['halves of characters', 'a\ud800b\udc00c\udfff\ud83d'],
    ['emoji', 'a 📸 👩‍👩‍👧 🏳️‍🌈 b'],
    ['lines and tabs', 'one\r\ntwo\n\tthree'],
    ['a long word', 'x'.repeat(5_000)],
  ] as const;

  const said = (text: string): { exercise: Exercise; outcome: Outcome }[] => {
    const exercise = { ...first, title: `Title ${text}`, files: [text] };
    return [
      { exercise, outcome: { verdict: 'passed', ms: 412 } },
      { exercise, outcome: { verdict: 'failed', ms: 3_049, finding: { kind: 'did not start', did: text, saw: text, expected: text, why: text, machine: text, place: text, log: [{ machine: text, lines: [text, text] }] } } },
      { exercise, outcome: { verdict: 'not run', ms: 0, reason: text, remedy: text } },
      { exercise, outcome: { verdict: 'fault', ms: 5, error: `${text}\n${text}` } },
    ];
  };

  test.each(all)('of an exercise that is %s is as its schema says', async (_what, outcome) => {
    expect(await junitErrors(junit(place, [{ exercise: first, outcome }], began))).toEqual([]);
  });

  test('counts each kind of verdict, and adds up the time', async () => {
    const xml = junit(place, judged, began);
    expect(await junitErrors(xml)).toEqual([]);
    expect(xml).toContain('<testsuites name="Graminsta" tests="8" failures="2" errors="1" time="6.536">');
    expect(xml).toContain('<testsuite name="Step 2 · Split out the database" tests="8" failures="2" errors="1" time="6.536" skipped="4" timestamp="2026-03-01T12:00:00">');
    const found = (element: string): number => xml.split(`<${element} `).length - 1;
    expect(['testcase', 'failure', 'error', 'skipped'].map(found)).toEqual([8, 2, 1, 4]);
  });

  test('of no exercise at all is as its schema says', async () => {
    const xml = junit(place, [], began);
    expect(await junitErrors(xml)).toEqual([]);
    expect(xml).toContain('tests="0" failures="0" errors="0" time="0.000" skipped="0"');
  });

  test.each(nasty)('with %s in every text is as its schema says, and can be read again', async (_what, text) => {
    const xml = junit({ ...place, step: { ...step, title: text } }, said(text), began);
    expect(await junitErrors(xml)).toEqual([]);
    // Section 2.2 of XML 1.0 has no way to write some characters, and section 3.3.3 makes a space of a line's end in an attribute.
    const readable = text.replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd');
    const read = flat(decoded(await canonical(xml)));
    for (const said of [
      `<testsuite errors="1" failures="1" name="Step 2 · ${readable}"`,
      `<testcase classname="02-split-db" name="2.1 Title ${readable}" time="0.412">`,
      `<failure message="It did not start, on machine ${readable}: ${readable}" type="did not start">`,
      `<skipped message="${readable} ${readable}">`,
      `Please report it with these lines: ${readable}`,
    ]) {
      expect(read).toContain(flat(said));
    }
  });

  test.each<[string, (xml: string) => string, string]>([
    ['an element that nobody knows', (xml) => xml.replace('<testcase ', '<surprise/><testcase '), "Element 'surprise'"],
    ['an element that nobody knows in an exercise', (xml) => xml.replace('<skipped ', '<rerun '), "Element 'rerun'"],
    ['an attribute that nobody knows', (xml) => xml.replace('<testcase ', '<testcase surprise="1" '), "attribute 'surprise'"],
    ['a missing attribute', (xml) => xml.replace(' classname="02-split-db"', ''), "attribute 'classname' is required"],
    ['a count that is none', (xml) => xml.replace('tests="8"', 'tests="some"'), "attribute 'tests'"],
    ['a time in other words', (xml) => xml.replace('time="6.536"', 'time="6 s"'), "attribute 'time'"],
    ['a kind of failure that nobody knows', (xml) => xml.replace('type="too slow"', 'type="too fast"'), "attribute 'type'"],
    ['two outcomes of one exercise', (xml) => xml.replace('<skipped ', '<skipped message="x"/><skipped '), "Element 'skipped'"],
    ['another root', (xml) => xml.replaceAll('testsuites', 'suites'), "Element 'suites'"],
    ['its end missing', (xml) => xml.replace('</testsuites>', ''), 'Premature end'],
  ])('is refused with %s', async (_what, spoil, message) => {
    const xml = junit(place, judged, began);
    expect(spoil(xml)).not.toBe(xml);
    expect((await junitErrors(spoil(xml))).join('\n')).toContain(message);
  });
});

const characters: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#x9': '\t', '#xA': '\n', '#xD': '\r' };

/** A text in canonical XML as it was meant. */
function decoded(text: string): string {
  return text.replaceAll(/&(amp|lt|gt|quot|#x9|#xA|#xD);/g, (_, name: string) => characters[name]!);
}

function flat(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}
