#!/usr/bin/env node
// Starts dist, nothing else. CommonJS as all of dist is: what loads ES modules costs more than this file.
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const start = join(__dirname, '../dist/start.js');
if (existsSync(start)) require(start);
else {
  process.stderr.write('sluice: dist/start.js is missing\n  hint: run `npm run build` in the checkout of sluice\n');
  process.exitCode = 1;
}
