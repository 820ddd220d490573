// Right in another way: the app is src/main.ts, written with Fastify.

import { defineStack } from 'checker/stack';

export default defineStack(({ machine }) => {
  const server = machine('server');

  server.postgres({ user: 'graminsta', database: 'graminsta' });
  server.node('src/main.ts');

  return { web: server, api: server };
});
