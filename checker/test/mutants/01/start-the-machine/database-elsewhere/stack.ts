// Mutant: the database has a machine of its own, as in step 2, and the app looks for it on this one.
import { defineStack } from 'checker/stack';

export default defineStack(({ machine }) => {
  const server = machine('server');

  machine('db').postgres({ user: 'graminsta', database: 'graminsta' });
  server.node('src/server.ts');

  return { web: server, api: server };
});
