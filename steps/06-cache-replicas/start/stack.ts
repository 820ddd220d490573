import { defineStack } from 'checker/stack';

const appPassword = 'good-enough-for-a-workshop';
// The API signs with it what storage lets in. Whoever knows it may write there.
const uploadSecret = 'known-to-the-api-and-to-storage';

export default defineStack(({ machine, machines }) => {
  const lb = machine('lb');
  const storage = machine('storage');
  const edges = {
    us: machine('edge-us', { region: 'us' }),
    eu: machine('edge-eu', { region: 'eu' }),
    ap: machine('edge-ap', { region: 'ap' }),
  };
  // The page has one origin a region.
  const webOrigins = Object.values(edges).map((edge) => edge.publicUrl);

  // Exercise 6.1: a machine named cache, with Redis.
  // Exercise 6.1: a machine named replica, whose database follows the one on db.
  const db = machine('db').postgres({ user: 'graminsta', database: 'graminsta' });
  const apis = machines('api', 3).node('src/api.ts', {
    DATABASE_URL: `postgres://graminsta_app:${appPassword}@${db.host}:${db.port}/${db.database}`,
    MIGRATION_DATABASE_URL: db.url,
    // Three pools share what the database bears.
    POOL_MAX: 6,
    WEB_ORIGINS: webOrigins,
    STORAGE_URL: storage.service('node').url,
    STORAGE_PUBLIC_URL: storage.publicUrl,
    UPLOAD_SECRET: uploadSecret,
  });
  const balancer = lb.node('src/balancer.ts', { UPSTREAMS: apis.urls });

  const origin = storage.node('src/storage.ts', {
    // For photos from before this step, whose bytes are in the database.
    API_URL: balancer.url,
    API_PUBLIC_URL: lb.publicUrl,
    PUBLIC_URL: storage.publicUrl,
    WEB_ORIGINS: webOrigins,
    UPLOAD_SECRET: uploadSecret,
  });
  for (const edge of Object.values(edges)) edge.node('src/edge.ts', { ORIGIN: origin.url });

  return { web: edges, api: lb };
});
