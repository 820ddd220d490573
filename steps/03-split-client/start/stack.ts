import { defineStack } from 'checker/stack';

const appPassword = 'good-enough-for-a-workshop';

export default defineStack(({ machine }) => {
  // Exercise 3.1: the page gets a machine named client, the API one named api.
  const server = machine('server');

  const db = machine('db').postgres({ user: 'graminsta', database: 'graminsta' });
  server.node('src/server.ts', {
    DATABASE_URL: `postgres://graminsta_app:${appPassword}@${db.host}:${db.port}/${db.database}`,
    MIGRATION_DATABASE_URL: db.url,
  });

  return { web: server, api: server };
});
