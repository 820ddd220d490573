// Right in another way: the whole app is one file, src/main.ts.

import { defineStack } from 'checker/stack';

export default defineStack(({ machine }) => {
  const server = machine('server');

  server.postgres({ user: 'graminsta', database: 'graminsta' });
  server.node('src/main.ts');

  return { web: server, api: server };
});
