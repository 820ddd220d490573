import { defineStack } from 'checker/stack';

export default defineStack(({ machine }) => {
  const server = machine('server');
  while (server.name === 'server') server.publicUrl.trim();
  return { web: server, api: server };
});
