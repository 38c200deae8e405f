// Several sets of files as one: each keeps its own rules, wherever they lie.
import { expect, it } from 'vitest';
import { union } from '../../src/config/values/fileset.ts';
import type { FileSet } from '../../src/model/config.ts';
import { matcher, withoutFiles } from '../../src/model/fileset.ts';

const set = (root: string, ...patterns: string[]): FileSet => ({ roots: [root], filters: [{ base: root, patterns }] });

it('has what any of them has, where they overlap too', () => {
  const all = union([set('/p', '**', '!*.txt', '!pages/'), set('/p/Dockerfile'), set('/p/sub', 'cache')]);
  const { has, mayDescend } = matcher(all);
  expect(['/p/a.txt', '/p/pages/x/y', '/p/Dockerfile', '/p/sub/code.js'].filter((path) => !has(path))).toEqual([]);
  expect(['/p/code.js', '/p/other/a.txt', '/p/sub/cache/x'].filter(has)).toEqual([]);
  expect(['/p', '/p/pages', '/p/sub', '/p/sub/deep'].filter((path) => !mayDescend(path))).toEqual([]);
  expect(['/p/other', '/p/sub/cache'].filter(mayDescend)).toEqual([]);
});

it('is one set again, which more may be left out of and which more may be put beside', () => {
  const ignoring = union([set('/p', 'node_modules'), set('/p/package.json')]);
  const more = union([withoutFiles(ignoring, ['/p/out.js']), set('/q', '*.md')]);
  const { has } = matcher(more);
  expect(['/p/a.js', '/p/package.json', '/q/a.js'].filter((path) => !has(path))).toEqual([]);
  expect(['/p/node_modules/x.js', '/p/out.js', '/q/a.md'].filter(has)).toEqual([]);
});

it('keeps its rules in one set where none lies in another', () => {
  const apart = union([set('/p', 'a'), set('/q', 'b')]);
  expect(apart).toEqual({
    roots: ['/p', '/q'],
    filters: [
      { base: '/p', patterns: ['a'] },
      { base: '/q', patterns: ['b'] },
    ],
  });
});
