// A reference stands for an address that is not known yet. It is a piece of text, so that it works in
// template strings, lists and configuration templates alike: `postgres://app@⟦db/postgres.host⟧/photos`.

export const serviceFields = {
  node: ['url', 'host', 'port', 'address'],
  nginx: ['url', 'host', 'port', 'address'],
  program: ['url', 'host', 'port', 'address'],
  redis: ['url', 'host', 'port', 'address'],
  postgres: ['url', 'host', 'port', 'address', 'user', 'password', 'database'],
} as const;

export type Reference =
  | { to: 'service'; machine: string; service: string; field: string }
  | { to: 'public'; machine: string }
  | { to: 'volume'; volume: string };

const pattern = /⟦([^⟦⟧]*)⟧/g;

/** The text that stands for a reference until it is resolved. */
export function write(reference: Reference): string {
  switch (reference.to) {
    case 'service':
      return `⟦${reference.machine}/${reference.service}.${reference.field}⟧`;
    case 'public':
      return `⟦public ${reference.machine}⟧`;
    case 'volume':
      return `⟦volume ${reference.volume}⟧`;
  }
}

function read(token: string): Reference | undefined {
  const service = /^([^/]+)\/([^.]+)\.(\w+)$/.exec(token);
  if (service) {
    const [, machine = '', name = '', field = ''] = service;
    return { to: 'service', machine, service: name, field };
  }
  const other = /^(public|volume) (.+)$/.exec(token);
  if (other?.[1] === 'public') return { to: 'public', machine: other[2] ?? '' };
  if (other?.[1] === 'volume') return { to: 'volume', volume: other[2] ?? '' };
  return undefined;
}

/** Every reference in a text, in order. Text that only looks like one is left alone. */
export function referencesIn(text: string): Reference[] {
  return [...text.matchAll(pattern)].flatMap(([, token = '']) => read(token) ?? []);
}

/** The text with each reference replaced by what `resolve` makes of it. */
export function replaceReferences(text: string, resolve: (reference: Reference) => string): string {
  return text.replaceAll(pattern, (whole, token: string) => {
    const reference = read(token);
    return reference ? resolve(reference) : whole;
  });
}
