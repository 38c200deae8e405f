import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { shout } from '../src/shout.js';

const [first] = JSON.parse(readFileSync(new URL('../build/messages.json', import.meta.url), 'utf8'));

test('shouts', () => assert.equal(shout(first), `${first.toUpperCase()}!`));
