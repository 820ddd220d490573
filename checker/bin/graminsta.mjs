#!/usr/bin/env node
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Graminsta needs Node.js 20.19 or newer, and this is ${process.versions.node}.`);
  process.exit(64);
}

let compiled;
try {
  const { build } = await import('./build.mjs');
  compiled = await build();
} catch (error) {
  if (error?.code === 'ERR_MODULE_NOT_FOUND') {
    console.error('The packages are not installed yet. Run ./setup first.');
    process.exit(64);
  }
  console.error('The checker itself cannot be compiled. That is not your mistake, unless you changed it:\n');
  console.error(error instanceof Error ? error.message : error);
  process.exit(3);
}
process.env.GRAMINSTA_BUILD = compiled;
await import(pathToFileURL(path.join(compiled, 'checker/src/cli/main.js')).href);
