// Mutant: the API asks client before each answer whether the page is there.
import { defineStack } from 'checker/stack';

const appPassword = 'good-enough-for-a-workshop';

export default defineStack(({ machine }) => {
  const client = machine('client');
  const api = machine('api');

  const db = machine('db').postgres({ user: 'graminsta', database: 'graminsta' });
  const page = client.node('src/client.ts', { API_URL: api.publicUrl });
  api.node('src/api.ts', {
    DATABASE_URL: `postgres://graminsta_app:${appPassword}@${db.host}:${db.port}/${db.database}`,
    MIGRATION_DATABASE_URL: db.url,
    WEB_ORIGIN: client.publicUrl,
    PUBLIC_URL: api.publicUrl,
    CLIENT_URL: page.url,
  });

  return { web: client, api };
});
