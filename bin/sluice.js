#!/usr/bin/env node
// Starts dist, nothing else. Node 22 and later keep compiled code between runs.
import { existsSync } from 'node:fs';
import * as module from 'node:module';

const main = new URL('../dist/main.js', import.meta.url);
if (existsSync(main)) {
  module.enableCompileCache?.();
  await import(main.href);
} else {
  process.stderr.write('sluice: dist/main.js is missing\n  hint: run `npm run build` in the checkout of sluice\n');
  process.exitCode = 1;
}
