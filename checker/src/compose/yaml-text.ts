// A YAML document with comments that teach: plain values, and beside them what is to be said of a key.

import { Alias, Document, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml';

export type Value = string | number | boolean | readonly Value[] | Fields | Noted | SameAs;
/** A key with `undefined` is left out. */
export interface Fields {
  readonly [key: string]: Value | undefined;
}

export interface Notes {
  /** Lines above the key. */
  comment?: string | readonly string[] | undefined;
  /** By what name the value can be used again: `&node`. */
  anchor?: string | undefined;
  /** An empty line before the key. */
  apart?: boolean | undefined;
  /** On one line: `{ condition: service_healthy }` */
  flow?: boolean | undefined;
}

/** A value with what is said of it, where it is the value of a key. */
export class Noted {
  readonly value: Value;
  readonly notes: Notes;

  constructor(value: Value, notes: Notes) {
    this.value = value;
    this.notes = notes;
  }
}

export function noted(value: Value, notes: Notes): Noted {
  return new Noted(value, notes);
}

/** What another key has: `*node`. With the key `<<`, all of its fields. */
export class SameAs {
  readonly anchor: string;

  constructor(anchor: string) {
    this.anchor = anchor;
  }
}

export function sameAs(anchor: string): SameAs {
  return new SameAs(anchor);
}

/** The text of a document. @param comment the lines above all of it */
export function yamlText(fields: Fields, comment: readonly string[]): string {
  const document = new Document(null, { merge: true, version: '1.2' });
  document.contents = mapOf(fields);
  const above = comment.map((line) => `# ${line}`.trimEnd()).join('\n');
  return `${above}\n\n${document.toString({ lineWidth: 0, singleQuote: true, flowCollectionPadding: true })}`;
}

function nodeOf(value: Value): Alias | Scalar | YAMLMap | YAMLSeq {
  if (value instanceof SameAs) return new Alias(value.anchor);
  if (value instanceof Noted) {
    const node = nodeOf(value.value);
    if (value.notes.anchor !== undefined && !(node instanceof Alias)) node.anchor = value.notes.anchor;
    if (value.notes.flow && (node instanceof YAMLMap || node instanceof YAMLSeq)) node.flow = true;
    return node;
  }
  if (isList(value)) return sequenceOf(value);
  if (typeof value === 'object') return mapOf(value);
  const scalar = new Scalar(value);
  if (typeof value === 'string') scalar.type = value.includes('\n') ? 'BLOCK_LITERAL' : isPlain(value) ? 'PLAIN' : 'QUOTE_SINGLE';
  return scalar;
}

function mapOf(fields: Fields): YAMLMap {
  const map = new YAMLMap();
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    const key = new Scalar(name);
    if (value instanceof Noted) {
      if (value.notes.comment !== undefined) key.commentBefore = lines([value.notes.comment].flat());
      if (value.notes.apart) key.spaceBefore = true;
    }
    map.add(new Pair(key, nodeOf(value)));
  }
  return map;
}

/** A list of words stands on one line, as a command does. */
function sequenceOf(values: readonly Value[]): YAMLSeq {
  const sequence = new YAMLSeq();
  for (const value of values) sequence.add(nodeOf(value));
  const words = values.flatMap((value) => (typeof value === 'object' ? [] : [String(value)]));
  sequence.flow = words.length === values.length && !words.join('').includes('\n') && words.join(', ').length < 120;
  return sequence;
}

/**
 * YAML takes much for something else than a text: `010`, `2020-02-03`, `no`, `1_000`, and every reader something else. What is not
 * a word or an address is quoted.
 */
function isPlain(text: string): boolean {
  return /^(?:\d+(?:ms|s|m|G)|(?:--?[a-z]|[A-Za-z./])[\w./@*%+=-]*(?::[\w./@${}-][\w./@*%+${}:-]*)*)$/.test(text) && !/^(y|n|yes|no|on|off|true|false|null|\.inf|\.nan|\.)$/i.test(text);
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

function lines(comment: readonly string[]): string {
  return comment.map((line) => (line === '' ? '' : ` ${line}`)).join('\n');
}
