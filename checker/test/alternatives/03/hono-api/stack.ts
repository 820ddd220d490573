// Right in another way: the API is api/main.ts, written with Hono, and sessions are rows of the database.

import { defineStack } from 'checker/stack';

export default defineStack(({ machine }) => {
  const client = machine('client');
  const api = machine('api');

  const db = machine('db').postgres({ user: 'keeper', password: 'keeper-of-all', database: 'photos' });
  api.node('api/main.ts', { DB: db.url, PAGE: client.publicUrl, SELF: api.publicUrl });
  client.node('src/client.ts', { API_URL: api.publicUrl });

  return { web: client, api };
});
