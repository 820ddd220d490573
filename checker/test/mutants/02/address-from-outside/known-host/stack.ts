// Mutant: the host is in the code: the address that it happened to have.
import { defineStack } from 'checker/stack';


export default defineStack(({ machine }) => {
  const server = machine('server');

  const db = machine('db').postgres({ user: 'graminsta', database: 'graminsta' });
  server.node('src/server.ts', { DB_PORT: db.port, DB_USER: db.user, DB_PASSWORD: db.password, DB_NAME: db.database });

  return { web: server, api: server };
});
