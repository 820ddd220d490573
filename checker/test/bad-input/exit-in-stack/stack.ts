import { defineStack } from 'checker/stack';

export default defineStack(({ machine }) => {
  const server = machine('server');
  process.exit();
  return { web: server, api: server };
});
