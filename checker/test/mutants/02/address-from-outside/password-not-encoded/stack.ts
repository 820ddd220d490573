// Mutant: an address is put together from parts as if no password had a slash in it.
import { defineStack } from 'checker/stack';

const appPassword = 'good-enough-for-a-workshop';

export default defineStack(({ machine }) => {
  const server = machine('server');

  const db = machine('db').postgres({ user: 'graminsta', database: 'graminsta' });
  server.node('src/server.ts', {
    DATABASE_URL: `postgres://graminsta_app:${appPassword}@${db.host}:${db.port}/${db.database}`,
    MIGRATION_DATABASE_URL: `postgres://${db.user}:${db.password}@${db.host}:${db.port}/${db.database}`,
  });

  return { web: server, api: server };
});
