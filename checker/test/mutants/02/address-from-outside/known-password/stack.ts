// Mutant: the password of the owner is in the code.
import { defineStack } from 'checker/stack';


export default defineStack(({ machine }) => {
  const server = machine('server');

  const db = machine('db').postgres({ user: 'graminsta', database: 'graminsta' });
  server.node('src/server.ts', { DB_HOST: db.host, DB_PORT: db.port, DB_USER: db.user, DB_NAME: db.database });

  return { web: server, api: server };
});
