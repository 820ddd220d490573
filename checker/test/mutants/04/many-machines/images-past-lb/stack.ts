// Mutant: images are loaded from the first machine, whoever answers.

import { defineStack } from 'checker/stack';

const appPassword = 'good-enough-for-a-workshop';

export default defineStack(({ machine }) => {
  const lb = machine('lb');
  const client = machine('client');

  const db = machine('db').postgres({ user: 'graminsta', database: 'graminsta' });
  const first = machine('api-1');
  const apis = [first, machine('api-2'), machine('api-3')].map((api) => api.node('src/api.ts', {
    DATABASE_URL: `postgres://graminsta_app:${appPassword}@${db.host}:${db.port}/${db.database}`,
    MIGRATION_DATABASE_URL: db.url,
    // Three pools share what the database bears.
    POOL_MAX: 6,
    WEB_ORIGIN: client.publicUrl,
    PUBLIC_URL: first.publicUrl,
  }).url);
  lb.node('src/balancer.ts', { UPSTREAMS: apis });
  client.node('src/client.ts', { API_URL: lb.publicUrl });

  return { web: client, api: lb };
});
