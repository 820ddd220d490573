// Right in another way: a machine of its own prepares the database, and the app never knows the owner's password.

import { defineStack } from 'checker/stack';

const appUser = 'graminsta_web';
const appPassword = 'not-the-owner';

export default defineStack(({ machine }) => {
  const server = machine('server');

  const db = machine('db').postgres({ user: 'graminsta', database: 'graminsta' });
  machine('migrator').node('src/migrate.ts', { OWNER_URL: db.url, APP_USER: appUser, APP_PASSWORD: appPassword });
  server.node('src/server.ts', {
    PGHOST: db.host,
    PGPORT: db.port,
    PGDATABASE: db.database,
    PGUSER: appUser,
    PGPASSWORD: appPassword,
  });

  return { web: server, api: server };
});
