// Mutant: the API listens to events of client, and ends when there are no more.
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
    CLIENT_URL: client.service('node').url,
    PUBLIC_URL: api.publicUrl,
  });
  client.node('src/client.ts', { API_URL: api.publicUrl });

  return { web: client, api };
});
