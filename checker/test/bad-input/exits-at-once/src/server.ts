import { migrate } from './migrate.ts';

await migrate();
console.log('That is all for today.');
process.exit(0);
