import { expect, it } from 'vitest';
import { ranked, score } from '../../../src/view/tui/lists/fuzzy.ts';

const first = (query: string, items: string[]) => ranked(query, items, (item) => item)[0];

it('wants every letter in order', () => {
  expect(score('abc', 'a-b-c')).not.toBeNull();
  expect(score('acb', 'a-b-c')).toBeNull();
});

it('puts word starts and whole words first', () => {
  expect(first('res', ['go to codegen, a resource', 'restart what runs'])).toBe('restart what runs');
  expect(first('gw', ['clear log view', 'go to web'])).toBe('go to web');
  expect(first('web', ['where everything begins', 'go to web'])).toBe('go to web');
});

it('keeps the order of what is equal', () => {
  expect(ranked('', ['b', 'a'], (item) => item)).toEqual(['b', 'a']);
});
