// Mutant: the page is told where the API was on the computer on which it was written.
import { defineStack } from 'checker/stack';

const appPassword = 'good-enough-for-a-workshop';

export default defineStack(({ machine }) => {
  const client = machine('client');
  const api = machine('api');

  const db = machine('db').postgres({ user: 'graminsta', database: 'graminsta' });
  api.node('src/api.ts', {
    DATABASE_URL: `postgres://graminsta_app:${appPassword}@${db.host}:${db.port}/${db.database}`,
    MIGRATION_DATABASE_URL: db.url,
    WEB_ORIGIN: client.publicUrl,
    PUBLIC_URL: api.publicUrl,
  });
  client.node('src/client.ts');

  return { web: client, api };
});
