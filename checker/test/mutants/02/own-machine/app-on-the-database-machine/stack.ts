// Mutant: the two programs swapped places: db hosts the app beside the database, server only passes requests on.
import { defineStack } from 'checker/stack';

const appPassword = 'good-enough-for-a-workshop';

export default defineStack(({ machine }) => {
  const server = machine('server');
  const host = machine('db');

  const db = host.postgres({ user: 'graminsta', database: 'graminsta' });
  const app = host.node('src/server.ts', {
    DATABASE_URL: `postgres://graminsta_app:${appPassword}@${db.host}:${db.port}/${db.database}`,
    MIGRATION_DATABASE_URL: db.url,
  });
  server.node('src/proxy.ts', { APP_URL: app.url });

  return { web: server, api: server };
});
