import { defineStack } from 'checker/stack';

export default defineStack(({ machine }) => {
  const server = machine('server');
  server.postgres();
  server.node('src/serve.ts');
  return { web: server, api: server };
});
