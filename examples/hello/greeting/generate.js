// Turns greetings.txt into build/greetings.json, which both services read when they start.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';

const here = (path) => new URL(path, import.meta.url);
const greetings = {};

for (const [index, line] of readFileSync(here('greetings.txt'), 'utf8').split('\n').entries()) {
  if (line.trim() === '' || line.startsWith('#')) continue;
  const [, language, words] = /^([a-z]{2}) (.+)$/.exec(line) ?? [];
  if (language === undefined) {
    console.error(`greetings.txt:${index + 1}: not "LANGUAGE WORDS": ${line}`);
    process.exit(1);
  }
  greetings[language] = words;
}

mkdirSync(here('../build/'), { recursive: true });
writeFileSync(here('../build/greetings.json'), `${JSON.stringify(greetings, null, 2)}\n`);
console.log(`${Object.keys(greetings).length} greetings written`);
