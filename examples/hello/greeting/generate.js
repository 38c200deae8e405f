// Turns greetings.txt into build/greetings.json, which both services read when they start.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';

const here = (path) => new URL(path, import.meta.url);
const lines = readFileSync(here('greetings.txt'), 'utf8')
  .split('\n')
  .filter((line) => line.trim() !== '' && !line.startsWith('#'));

const greetings = {};
for (const [index, line] of lines.entries()) {
  const [, language, words] = /^([a-z]{2}) (.+)$/.exec(line) ?? [];
  if (language === undefined) {
    console.error(`greetings.txt: line ${index + 1} is not "LANGUAGE WORDS": ${line}`);
    process.exit(1);
  }
  greetings[language] = words;
}

mkdirSync(here('../build/'), { recursive: true });
writeFileSync(here('../build/greetings.json'), `${JSON.stringify(greetings, null, 2)}\n`);
console.log(`${lines.length} greetings written`);
