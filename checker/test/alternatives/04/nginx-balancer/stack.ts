// Right in another way: the balancer is nginx, and its configuration says what balancer.ts says in TypeScript.

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
  lb.nginx('nginx.conf', {
    SERVERS: apis.addresses.map((address) => `server ${address} max_fails=1 fail_timeout=3s;`).join('\n  '),
  });
  client.node('src/client.ts', { API_URL: lb.publicUrl });

  return { web: client, api: lb };
});
