// Mutant: exercise 1.1 as in the start state: no database, a schema that can be applied once, readiness that asks nobody.
import { defineStack } from 'checker/stack';

export default defineStack(({ machine }) => {
  const server = machine('server');

  // Exercise 1.1: this machine hosts the database too.
  server.node('src/server.ts');

  return { web: server, api: server };
});
