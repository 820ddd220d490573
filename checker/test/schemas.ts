// Judges what the commands print for programs by the schemas that the pages publish.

import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020, type AnySchemaObject } from 'ajv/dist/2020.js';
import { validateXML } from 'xmllint-wasm';
import { inRoot } from './all/paths.ts';

const folder = inRoot('docs/static/schemas');

/** The files that the pages publish. */
export const schemaFiles = readdirSync(folder).sort();

/** The schemas of documents, by file. */
export const schemas = new Map(schemaFiles.filter((file) => file.endsWith('.schema.json')).map((file) => [file, JSON.parse(readFileSync(`${folder}/${file}`, 'utf8')) as AnySchemaObject]));

export type DocumentName = 'check' | 'progress' | 'hint' | 'solution' | 'pain' | 'doctor';

const ajv = new Ajv2020({
  strict: true,
  // A text or null: a git commit, or none.
  allowUnionTypes: true,
  allErrors: true,
  formats: { 'date-time': /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/ },
  schemas: [...schemas.values()],
});

/** What is wrong with a document, a line each: `/exercises/0/ms must be integer`. Empty when nothing is. */
export function documentErrors(name: DocumentName, document: unknown): string[] {
  const validate = ajv.getSchema(`${name}.schema.json`);
  if (!validate) throw new Error(`There is no schema for ${name}.`);
  if (validate(document)) return [];
  return (validate.errors ?? []).map(({ instancePath, message = '', params }) => `${instancePath} ${message} ${JSON.stringify(params)}`);
}

/** What is wrong with a JUnit report, a line each. Empty when nothing is. */
export async function junitErrors(xml: string): Promise<string[]> {
  const schema = { fileName: 'junit.xsd', contents: readFileSync(`${folder}/junit.xsd`, 'utf8') };
  const { errors } = await validateXML({ xml: { fileName: 'report.xml', contents: xml }, schema });
  return errors.map(({ message }) => message);
}

/** XML as another program reads it, in the one form that there is for each content (Canonical XML 1.0). */
export async function canonical(xml: string): Promise<string> {
  const { normalized } = await validateXML({ xml: { fileName: 'report.xml', contents: xml }, normalization: 'c14n' });
  return normalized;
}
