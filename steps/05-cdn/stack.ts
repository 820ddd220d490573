import { defineStack } from 'checker/stack';

const appPassword = 'good-enough-for-a-workshop';

export default defineStack(({ machine, machines }) => {
  const lb = machine('lb');
  // Exercise 5.1: the page and new images are storage's, and three edges bring them to people.
  // Exercise 5.4: an edge helps those whose region it is in.
  const client = machine('client');

  const db = machine('db').postgres({ user: 'graminsta', database: 'graminsta' });
  const apis = machines('api', 3).node('src/api.ts', {
    DATABASE_URL: `postgres://graminsta_app:${appPassword}@${db.host}:${db.port}/${db.database}`,
    MIGRATION_DATABASE_URL: db.url,
    // Three pools share what the database bears.
    POOL_MAX: 6,
    WEB_ORIGIN: client.publicUrl,
    PUBLIC_URL: lb.publicUrl,
  });
  lb.node('src/balancer.ts', { UPSTREAMS: apis.urls });
  client.node('src/client.ts', { API_URL: lb.publicUrl });

  return { web: client, api: lb };
});
