import { defineStack } from 'checker/stack';

export default defineStack(({ machine }) => {
  const server = machine('server');
  server.postgres();
  server.node('src/server.ts', { DATABASE_URL: server.url });
  return { web: server, api: server };
});
