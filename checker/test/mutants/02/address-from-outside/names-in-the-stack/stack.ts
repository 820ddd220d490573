// Mutant: stack.ts writes user and database itself, instead of what db says of itself.
import { defineStack } from 'checker/stack';

const appPassword = 'good-enough-for-a-workshop';

export default defineStack(({ machine }) => {
  const server = machine('server');

  const db = machine('db').postgres({ user: 'graminsta', password: 'graminsta', database: 'graminsta' });
  server.node('src/server.ts', {
    DATABASE_URL: `postgres://graminsta_app:${appPassword}@${db.host}:${db.port}/graminsta`,
    MIGRATION_DATABASE_URL: `postgres://graminsta:graminsta@${db.host}:${db.port}/graminsta`,
  });

  return { web: server, api: server };
});
