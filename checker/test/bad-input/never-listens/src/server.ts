import { migrate } from './migrate.ts';

await migrate();
console.log('I only watch.');
setInterval(() => undefined, 1_000);
