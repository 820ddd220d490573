// Services that differ in nothing but their names are told once: the others say whom they are like, and what is their own.

import { noted, Noted, sameAs, type Fields, type Notes, type Value } from './yaml-text.ts';

export type NamedService = readonly [name: string, fields: Fields, comment: string[], anchor?: string | undefined];

/** What may differ, besides the machine's name in the environment. */
const mayDiffer = new Set(['environment', 'ports', 'networks', 'volumes']);

/** The services with what is alike said at the first of them. */
export function shorten(services: readonly NamedService[]): NamedService[] {
  const shortened: { name: string; fields: Fields; whole: Fields; comment: string[]; anchor?: string }[] = [];
  for (const [name, fields, comment] of services) {
    const model = shortened.find(({ fields: own, whole }) => !isShort(own) && isAlike(whole, fields));
    if (!model) {
      shortened.push({ name, fields, whole: fields, comment });
      continue;
    }
    if (model.anchor === undefined) {
      model.anchor = free(model.name.replace(/-\w+$/, '') || model.name, shortened.map((other) => other.anchor));
      model.fields = { ...model.fields, environment: noted(environmentOf(model.whole), { ...notesOf(model.whole['environment']), anchor: `${model.anchor}-environment` }) };
    }
    const { anchor, whole } = model;
    const own = Object.keys(fields).filter((key) => key !== 'environment' && text(fields[key]) !== text(whole[key]));
    const short: Fields = {
      '<<': sameAs(anchor),
      environment: { '<<': sameAs(`${anchor}-environment`), MACHINE_NAME: environmentOf(fields)['MACHINE_NAME'] },
      ...Object.fromEntries(own.map((key) => [key, fields[key]])),
    };
    shortened.push({ name, fields: short, whole: fields, comment });
  }
  return shortened.map(({ name, fields, comment, anchor }): NamedService => [name, fields, comment, anchor]);
}

function isShort(fields: Fields): boolean {
  const { environment } = fields;
  return environment !== undefined && Object.keys(environmentOf(fields)).join() === '<<,MACHINE_NAME' && text(fields['<<']) !== text(sameAs('node'));
}

function isAlike(one: Fields, other: Fields): boolean {
  if (one['environment'] === undefined || Object.keys(one).join() !== Object.keys(other).join()) return false;
  const [its, others] = [environmentOf(one), environmentOf(other)];
  return (
    its['MACHINE_NAME'] !== undefined &&
    text({ ...its, MACHINE_NAME: '' }) === text({ ...others, MACHINE_NAME: '' }) &&
    Object.keys(one).every((key) => mayDiffer.has(key) || text(one[key]) === text(other[key]))
  );
}

function environmentOf({ environment }: Fields): Fields {
  return (environment instanceof Noted ? environment.value : (environment ?? {})) as Fields;
}

function notesOf(value: Value | undefined): Notes {
  return value instanceof Noted ? value.notes : {};
}

function free(name: string, taken: readonly (string | undefined)[]): string {
  const reserved = ['node', 'confined', 'files', 'packages', 'node-environment', ...taken];
  return reserved.includes(name) ? free(`${name}-like`, taken) : name;
}

const text = (value: Value | undefined): string => JSON.stringify(value) ?? '';
