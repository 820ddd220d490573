// Mutant: the code knows user, password and database by heart; only host and port come from outside.
import { defineStack } from 'checker/stack';


export default defineStack(({ machine }) => {
  const server = machine('server');

  const db = machine('db').postgres({ user: 'graminsta', database: 'graminsta' });
  server.node('src/server.ts', { DB_HOST: db.host, DB_PORT: db.port });

  return { web: server, api: server };
});
