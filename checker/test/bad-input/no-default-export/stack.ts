import { defineStack } from 'checker/stack';

export const stack = defineStack(({ machine }) => {
  const server = machine('server');
  server.postgres();
  server.node('src/server.ts');
  return { web: server, api: server };
});
