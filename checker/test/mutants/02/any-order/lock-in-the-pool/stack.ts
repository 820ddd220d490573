// Mutant: the lock belongs to a connection of the pool, which goes back there and keeps it.
import { defineStack } from 'checker/stack';


export default defineStack(({ machine }) => {
  const server = machine('server');

  const db = machine('db').postgres({ user: 'graminsta', database: 'graminsta' });
  server.node('src/server.ts', { DATABASE_URL: db.url });

  return { web: server, api: server };
});
