import { defineStack } from 'checker/stack';

export default defineStack(({ machine }) => {
  const server = machine('server');

  // Exercise 2.1: the database gets a machine named db.
  server.postgres({ user: 'graminsta', database: 'graminsta' });
  server.node('src/server.ts');

  return { web: server, api: server };
});
