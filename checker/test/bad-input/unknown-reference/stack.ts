import { defineStack } from 'checker/stack';

export default defineStack(({ machine }) => {
  const server = machine('server');
  const db = server.postgres();
  server.node('src/server.ts', { DATABASE_URL: db.uri });
  return { web: server, api: server };
});
