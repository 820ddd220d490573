// How far a reader is: this machine remembers it of everybody who comes with a token.

import type { Request, Response } from 'express';

const rememberMs = 60_000;
const positions = new Map<string, number>();

export function positionOf(req: Request): number {
  return positions.get(req.get('Authorization') ?? '') ?? 0;
}

export function tellPosition(res: Response, version: number): void {
  const token = res.req.get('Authorization');
  if (token === undefined) return;
  positions.set(token, Math.max(version, positions.get(token) ?? 0));
  setTimeout(() => positions.delete(token), rememberMs).unref();
}
