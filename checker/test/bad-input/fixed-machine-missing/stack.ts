import { defineStack } from 'checker/stack';

export default defineStack(({ machine }) => {
  const server = machine('sever');
  server.postgres();
  server.node('src/server.ts');
  return { web: server, api: server };
});
