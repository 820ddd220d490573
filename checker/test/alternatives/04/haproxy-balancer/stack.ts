// Right in another way: the balancer is HAProxy, which asks every machine for /readyz as balancer.ts does.

import { defineStack } from 'checker/stack';

const appPassword = 'good-enough-for-a-workshop';

export default defineStack(({ machine, machines }) => {
  const lb = machine('lb');
  const client = machine('client');

  const db = machine('db').postgres({ user: 'graminsta', database: 'graminsta' });
  const apis = machines('api', 3).node('src/api.ts', {
    DATABASE_URL: `postgres://graminsta_app:${appPassword}@${db.host}:${db.port}/${db.database}`,
    MIGRATION_DATABASE_URL: db.url,
    POOL_MAX: 6,
    WEB_ORIGIN: client.publicUrl,
    PUBLIC_URL: lb.publicUrl,
  });
  lb.program(['haproxy', '-f', '{config}'], 'haproxy.cfg', {
    SERVERS: apis.addresses.map((address, index) => `server api-${index + 1} ${address}`).join('\n  '),
  });
  client.node('src/client.ts', { API_URL: lb.publicUrl });

  return { web: client, api: lb };
});
