import { defineStack } from 'checker/stack';

export default defineStack(({ machine }) => {
  const server = machine('server');
  server.postgres();
  server.node('src/server.ts');
  return { web: server, apo: server };
});
