// Passwords are stored so that whoever steals the table still has to guess each one, slowly.

import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const scryptKey = promisify<string, Buffer, number, Buffer>(scrypt);
const saltBytes = 16;
const keyBytes = 64;

// scrypt is slow on purpose and runs on Node's four worker threads. Files and log-ins at the database need those
// too, and would wait behind a crowd that signs up.
const mostAtOnce = 2;
const waiting: (() => void)[] = [];
let running = 0;

export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(saltBytes);
  const key = await derive(password, salt);
  return `${salt.toString('hex')}:${key.toString('hex')}`;
}

export async function verifyPassword(password: string, hash: string): Promise<boolean> {
  const [salt = '', key = ''] = hash.split(':');
  const derived = await derive(password, Buffer.from(salt, 'hex'));
  const expected = Buffer.from(key, 'hex');
  return derived.length === expected.length && timingSafeEqual(derived, expected);
}

async function derive(password: string, salt: Buffer): Promise<Buffer> {
  if (running < mostAtOnce) running += 1;
  else await new Promise<void>((resolve) => waiting.push(resolve));
  try {
    return await scryptKey(password, salt, keyBytes);
  } finally {
    // Whoever is next takes over this place.
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  }
}
