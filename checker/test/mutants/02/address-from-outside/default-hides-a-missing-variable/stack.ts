// Mutant: a default stands in for a variable that stack.ts calls otherwise.
import { defineStack } from 'checker/stack';


export default defineStack(({ machine }) => {
  const server = machine('server');

  const db = machine('db').postgres({ user: 'graminsta', database: 'graminsta' });
  server.node('src/server.ts', {
    DB_HOST: db.host, DB_PORT: db.port, DB_USER: db.user, DB_PASSWORD: db.password, DB_DATABASE: db.database,
  });

  return { web: server, api: server };
});
