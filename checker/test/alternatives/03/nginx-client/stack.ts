// Right in another way: client runs no code of ours. nginx serves the folder of the page, and answers /config.json from
// its own configuration.

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
  client.nginx('client.conf', { API_URL: api.publicUrl });

  return { web: client, api };
});
