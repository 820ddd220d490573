#!/usr/bin/env node
// The command itself is TypeScript; this says so to Node.js, in the same process, so that ending it ends all of it.

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Graminsta needs Node.js 20.19 or newer, and this is ${process.versions.node}.`);
  process.exit(64);
}

try {
  const { register } = await import('tsx/esm/api');
  register();
} catch {
  console.error('The packages are not installed yet. Run ./setup first.');
  process.exit(64);
}
await import('../src/cli/main.ts');
