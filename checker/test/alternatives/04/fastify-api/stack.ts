import { defineStack } from 'checker/stack';

const appPassword = 'good-enough-for-a-workshop';

export default defineStack(({ machine, machines }) => {
  const lb = machine('lb');
  const client = machine('client');
  const db = machine('db').postgres({ user: 'graminsta', database: 'graminsta' });
  const apis = machines('api', 3).node('app/main.ts', {
    APP_URL: `postgres://graminsta_app:${appPassword}@${db.address}/${db.database}`,
    OWNER_URL: db.url,
    CONNECTIONS: 5,
    ORIGIN: client.publicUrl,
    ADDRESS: lb.publicUrl,
  });
  lb.node('src/balancer.ts', { UPSTREAMS: apis.urls });
  client.node('src/client.ts', { API_URL: lb.publicUrl });
  return { web: client, api: lb };
});
