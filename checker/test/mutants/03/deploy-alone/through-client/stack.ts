// Mutant: the page calls the API through client, which passes every call on.
import { defineStack } from 'checker/stack';

const appPassword = 'good-enough-for-a-workshop';

export default defineStack(({ machine }) => {
  const client = machine('client');
  const api = machine('api');

  const db = machine('db').postgres({ user: 'graminsta', database: 'graminsta' });
  const service = api.node('src/api.ts', {
    DATABASE_URL: `postgres://graminsta_app:${appPassword}@${db.host}:${db.port}/${db.database}`,
    MIGRATION_DATABASE_URL: db.url,
    WEB_ORIGIN: client.publicUrl,
    PUBLIC_URL: api.publicUrl,
  });
  client.node('src/client.ts', { API_URL: client.publicUrl, UPSTREAM: service.url });

  return { web: client, api };
});
