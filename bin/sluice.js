#!/usr/bin/env node
// Starts dist, nothing else.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const start = fileURLToPath(new URL('../dist/start.js', import.meta.url));
if (existsSync(start)) createRequire(import.meta.url)(start);
else {
  process.stderr.write('sluice: dist/start.js is missing\n  hint: run `npm run build` in the checkout of sluice\n');
  process.exitCode = 1;
}
