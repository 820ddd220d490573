// Mutant: the app logs in as the owner, and puts on another role that it can take off again.
import { defineStack } from 'checker/stack';


export default defineStack(({ machine }) => {
  const server = machine('server');

  const db = machine('db').postgres({ user: 'graminsta', database: 'graminsta' });
  server.node('src/server.ts', { DATABASE_URL: db.url });

  return { web: server, api: server };
});
