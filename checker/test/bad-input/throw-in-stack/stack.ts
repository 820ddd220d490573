import { defineStack } from 'checker/stack';

export default defineStack(({ machine }) => {
  const server = machine('server');

  server.postgres();
  server.node('src/server.ts');
  throw new Error('The plans are not finished.');
});
