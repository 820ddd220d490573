import { defineStack } from 'checker/stack';

export default defineStack(({ machine }) => {
  const server = machine('server');
  machine('server').postgres();
  server.node('src/server.ts');
  return { web: server, api: server };
});
