/**
 * The images that machines run on, each pinned to a version. Every step takes its own from here, and `checker/docker` makes
 * look-alikes of these names where no registry can be reached.
 */
export const images = {
  /** Node 24 takes the types out of TypeScript by itself, so the apps run from their files. */
  node: 'node:24-slim',
  /** The same major version as the Postgres from npm, so that each can read the other's data directory. */
  postgres: 'postgres:18',
  redis: 'redis:8-alpine',
  nginx: 'nginx:1.29-alpine',
} as const;
