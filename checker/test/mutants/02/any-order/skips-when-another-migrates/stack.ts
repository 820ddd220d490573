// Mutant: whoever does not get the lock takes the work of the other for done.
import { defineStack } from 'checker/stack';


export default defineStack(({ machine }) => {
  const server = machine('server');

  const db = machine('db').postgres({ user: 'graminsta', database: 'graminsta' });
  server.node('src/server.ts', { DATABASE_URL: db.url });

  return { web: server, api: server };
});
