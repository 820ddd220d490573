// Right in another way: the app is app/main.ts, written with Fastify, and images are rows of the database.

import { defineStack } from 'checker/stack';

export default defineStack(({ machine }) => {
  const server = machine('server');

  const db = machine('db').postgres({ user: 'keeper', password: 'keeper-of-all', database: 'photos' });
  server.node('app/main.ts', {
    DB_HOST: db.host,
    DB_PORT: db.port,
    DB_NAME: db.database,
    DB_OWNER: db.user,
    DB_OWNER_PASSWORD: db.password,
    DB_ROLE: 'visitor',
    DB_ROLE_PASSWORD: 'visitors-welcome',
  });

  return { web: server, api: server };
});
