// What somebody sends as a token who has an account and a token of their own, and wants to be somebody else.

import { createHash, createHmac } from 'node:crypto';

export interface Identity {
  id: string;
  username: string;
}

export type Forgery = readonly [what: string, token: string];

/** Hashes that anybody can compute. */
const hashes = ['md5', 'sha1', 'sha256'];
/** Keys that anybody tries first. */
const knownKeys = ['', 'secret', 'password', 'changeme', 'graminsta'];

/** @param own the attacker's token, which is good */
export function forgeries(own: string, attacker: Identity, victim: Identity): Forgery[] {
  return [...madeUp(victim), ...altered(own, attacker, victim), ...numberedLike(own)];
}

/** From what everybody knows of her. */
function madeUp(victim: Identity): Forgery[] {
  const known = [
    ['her name', victim.username],
    ['her number', victim.id],
    ['her name and number as JSON', JSON.stringify({ id: victim.id, username: victim.username })],
    ['her name as JSON', JSON.stringify({ username: victim.username })],
  ] as const;
  return [
    ['nothing', ''],
    ['"undefined"', 'undefined'],
    ['"null"', 'null'],
    ...known.slice(0, 2),
    ...known.flatMap(([what, text]): Forgery[] => [
      [`${what}, in Base64`, Buffer.from(text).toString('base64')],
      ...hashes.map((hash): Forgery => [`the ${hash} of ${what}`, createHash(hash).update(text).digest('hex')]),
    ]),
  ];
}

/** The attacker's own, changed where it can be read. */
function altered(own: string, attacker: Identity, victim: Identity): Forgery[] {
  const middle = Math.floor(own.length / 2);
  // Another letter, not the same in capitals: some kinds of tokens, such as UUIDs, do not tell those apart.
  const flipped = own.slice(0, middle) + (own[middle]?.toLowerCase() === 'a' ? 'b' : 'a') + own.slice(middle + 1);
  const parts = own.split('.');
  return [
    ['his own with one character changed', flipped],
    ...hers(own, attacker, victim).map((token): Forgery => ['his own with her in his place', token]),
    ...parts.flatMap((part, index) =>
      hers(Buffer.from(part, 'base64url').toString('utf8'), attacker, victim).flatMap((text) => {
        const changed = parts.with(index, encoded(text));
        return [['his own with her in his place, in Base64', changed.join('.')] as const, ...resigned(changed)];
      }),
    ),
  ];
}

/** A JSON Web Token that was changed, with what is accepted in place of a signature where nobody looks well. */
function resigned([header = '', payload = '', signature]: string[]): Forgery[] {
  if (signature === undefined) return [];
  // RFC 8725, section 2.1: a token that says itself that it needs no signature.
  const none = [encoded('{"alg":"none","typ":"JWT"}'), payload, ''].join('.');
  return [
    ['his own with her in his place and no signature (alg: none)', none],
    ['his own with her in his place and an empty signature', [header, payload, ''].join('.')],
    ...knownKeys.map((key): Forgery => {
      const made = createHmac('sha256', key).update(`${header}.${payload}`).digest('base64url');
      return [`his own with her in his place, signed with the key "${key}", which is the first that anybody tries`, [header, payload, made].join('.')];
    }),
  ];
}

/** Where tokens are counted, hers is a little below his. */
function numberedLike(own: string): Forgery[] {
  const lastNumber = /\d{1,12}(?=\D*$)/;
  if (!lastNumber.test(own)) return [];
  return [1, 2].map((steps) => [
    `his own with the number in it lowered by ${steps}`,
    own.replace(lastNumber, (digits) => String(Number(digits) - steps)),
  ]);
}

/** A text with her name and her number in the place of his, and with only her name. Nothing when neither is in it. */
function hers(text: string, attacker: Identity, victim: Identity): string[] {
  const named = text.replaceAll(wordOf(attacker.username), victim.username);
  const both = attacker.id === '' ? named : named.replaceAll(wordOf(attacker.id), victim.id);
  return [...new Set([both, named])].filter((changed) => changed !== text);
}

function wordOf(text: string): RegExp {
  return new RegExp(`\\b${text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')}\\b`, 'g');
}

function encoded(text: string): string {
  return Buffer.from(text).toString('base64url');
}
