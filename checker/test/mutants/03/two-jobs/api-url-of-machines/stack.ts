// Mutant: the page is told the address at which client reaches api.
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
  client.node('src/client.ts', { API_URL: service.url });

  return { web: client, api };
});
