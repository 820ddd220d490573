// The finished stacks of all six steps, as their solutions describe them or will: the description has to have a shape
// for each of them before the first is built.

import { defineStack } from '../../src/stack/index.ts';

/** The app reaches Postgres through the socket in its machine's folder, so nothing has to be told. */
export const step1 = defineStack(({ machine }) => {
  const server = machine('server');
  server.postgres({ user: 'graminsta', database: 'graminsta' });
  server.node('src/server.ts');
  return { web: server, api: server };
});

/** The same, over TCP within the machine. */
export const step1OverTcp = defineStack(({ machine }) => {
  const server = machine('server');
  const db = server.postgres();
  server.node('src/server.ts', { DATABASE_URL: db.url, PUBLIC_URL: server.publicUrl });
  return { web: server, api: server };
});

export const appPassword = 'good-enough-for-a-workshop';

export const step2 = defineStack(({ machine }) => {
  const server = machine('server');
  const db = machine('db').postgres({ user: 'graminsta', database: 'graminsta' });
  server.node('src/server.ts', {
    DATABASE_URL: `postgres://graminsta_app:${appPassword}@${db.host}:${db.port}/${db.database}`,
    MIGRATION_DATABASE_URL: db.url,
  });
  return { web: server, api: server };
});

/** The page has to know the API and the API the page's origin: each is told the other's public address. */
export const step3 = defineStack(({ machine }) => {
  const client = machine('client');
  const api = machine('api');
  const db = machine('db').postgres();
  api.node('src/api.ts', { DATABASE_URL: db.url, WEB_ORIGIN: client.publicUrl, POOL_MAX: 10 });
  client.node('src/client.ts', { API_URL: api.publicUrl });
  return { web: client, api };
});

/** The balancer knows the APIs, and they know whose word about a client's address counts. */
export const step4 = defineStack(({ machine, machines }) => {
  const lb = machine('lb');
  const client = machine('client');
  const db = machine('db').postgres();
  const apis = machines('api', 3, { size: 0.1 }).node('src/api.ts', {
    DATABASE_URL: db.url,
    WEB_ORIGIN: client.publicUrl,
    TRUSTED_PROXY: lb.service('node').host,
  });
  lb.node('src/balancer.ts', { UPSTREAMS: apis.urls });
  client.node('src/client.ts', { API_URL: lb.publicUrl });
  return { web: client, api: lb };
});

/** nginx wants a line for each upstream; two clients stand behind an nginx of their own. */
export const step4WithNginx = defineStack(({ machine, machines }) => {
  const lb = machine('lb');
  const page = machine('page');
  const db = machine('db').postgres();
  const apis = machines('api', 3).node('src/api.ts', { DATABASE_URL: db.url, WEB_ORIGIN: page.publicUrl });
  const servers = (addresses: readonly string[]): string => addresses.map((address) => `server ${address};`).join(' ');
  lb.nginx('nginx.conf', { UPSTREAMS: servers(apis.addresses), BODY_LIMIT: '6m' });
  const clients = machines('client', 2).nginx('client.conf', { API_URL: lb.publicUrl });
  page.nginx('page.conf', { UPSTREAMS: servers(clients.addresses) });
  return { web: page, api: lb };
});

/** Any program that takes a configuration; the images are on a disk that all APIs mount. */
export const step4WithHaproxy = defineStack(({ machine, machines, volume }) => {
  const lb = machine('lb');
  const client = machine('client');
  const db = machine('db').postgres();
  const images = volume('images');
  const apis = machines('api', 3).node('src/api.ts', { DATABASE_URL: db.url, WEB_ORIGIN: client.publicUrl, IMAGES: `${images.path}/photos` });
  lb.program('haproxy -f {config}', 'haproxy.cfg', {
    SERVERS: apis.addresses.map((address, index) => `server api-${index + 1} ${address} check`).join('\n'),
  });
  client.node('src/client.ts', { API_URL: lb.publicUrl });
  return { web: client, api: lb };
});

/** Storage asks the APIs for photos from before, and they ask storage for what was uploaded: a circle of three. */
export const step5 = defineStack(({ machine, machines }) => {
  const lb = machine('lb');
  const storage = machine('storage');
  const edges = {
    us: machine('edge-us', { region: 'us' }),
    eu: machine('edge-eu', { region: 'eu' }),
    ap: machine('edge-ap', { region: 'ap' }),
  };
  const pageOrigins = Object.values(edges).map((edge) => edge.publicUrl);
  const uploadSecret = 'known to storage and the API';

  const db = machine('db').postgres();
  const apis = machines('api', 3).node('src/api.ts', {
    DATABASE_URL: db.url,
    WEB_ORIGINS: pageOrigins,
    TRUSTED_PROXY: lb.service('node').host,
    STORAGE_URL: storage.service('node').url,
    STORAGE_PUBLIC_URL: storage.publicUrl,
    UPLOAD_SECRET: uploadSecret,
  });
  const balancer = lb.node('src/balancer.ts', { UPSTREAMS: apis.urls });
  const origin = storage.node('src/storage.ts', {
    UPLOAD_SECRET: uploadSecret,
    WEB_ORIGINS: pageOrigins,
    API_URL: balancer.url,
    API_PUBLIC_URL: lb.publicUrl,
  });
  for (const edge of Object.values(edges)) edge.node('src/edge.ts', { ORIGIN: origin.url, CACHE_BYTES: 64 * 1024 * 1024 });
  return { web: edges, api: lb };
});

/** The passwords here need to be encoded in an address. */
export const databasePassword = 'p@ss/word:%?# ü';

export const step6 = defineStack(({ machine, machines }) => {
  const lb = machine('lb');
  const storage = machine('storage');
  const edges = {
    us: machine('edge-us', { region: 'us' }),
    eu: machine('edge-eu', { region: 'eu' }),
    ap: machine('edge-ap', { region: 'ap' }),
  };
  const pageOrigins = Object.values(edges).map((edge) => edge.publicUrl);

  const primary = machine('db');
  const db = primary.postgres({ user: 'gram insta', password: databasePassword, database: 'photos' });
  const replica = machine('replica').postgres({ replicaOf: primary });
  const cache = machine('cache').redis();
  const apis = machines('api', 3).node('src/api.ts', {
    DATABASE_URL: db.url,
    REPLICA_URL: replica.url,
    REPLICA_LOGIN: `${replica.user}/${replica.database}`,
    REPLICA_PASSWORD: replica.password,
    CACHE_URL: cache.url,
    WEB_ORIGINS: pageOrigins,
    STORAGE_URL: storage.service('node').url,
    STORAGE_PUBLIC_URL: storage.publicUrl,
  });
  const balancer = lb.node('src/balancer.ts', { UPSTREAMS: apis.urls });
  const origin = storage.node('src/storage.ts', { WEB_ORIGINS: pageOrigins, API_URL: balancer.url });
  for (const edge of Object.values(edges)) edge.node('src/edge.ts', { ORIGIN: origin.url });
  return { web: edges, api: lb };
});

export const sixSteps = {
  'step 1': step1,
  'step 1 over TCP': step1OverTcp,
  'step 2': step2,
  'step 3': step3,
  'step 4': step4,
  'step 4 with nginx': step4WithNginx,
  'step 4 with haproxy': step4WithHaproxy,
  'step 5': step5,
  'step 6': step6,
};
