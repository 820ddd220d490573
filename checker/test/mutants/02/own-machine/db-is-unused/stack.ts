// Mutant: there is a machine db, and the app uses the database of another one.
import { defineStack } from 'checker/stack';

const appPassword = 'good-enough-for-a-workshop';

export default defineStack(({ machine }) => {
  const server = machine('server');

  machine('db').postgres({ user: 'graminsta', database: 'graminsta' });
  const db = machine('main').postgres({ user: 'graminsta', database: 'graminsta' });
  server.node('src/server.ts', {
    DATABASE_URL: `postgres://graminsta_app:${appPassword}@${db.host}:${db.port}/${db.database}`,
    MIGRATION_DATABASE_URL: db.url,
  });

  return { web: server, api: server };
});
