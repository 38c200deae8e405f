import { readFileSync } from 'node:fs';

console.log(`${process.argv[2]}: ${readFileSync('src/index.js', 'utf8').trim()}`);
