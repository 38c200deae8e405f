// messages.txt → build/messages.json
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';

mkdirSync('build', { recursive: true });
writeFileSync('build/messages.json', JSON.stringify(readFileSync('messages.txt', 'utf8').trim().split('\n')));
