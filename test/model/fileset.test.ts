import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import { editorTemp, matcher } from '../../src/model/fileset.ts';

const set = (patterns: readonly string[], roots = ['/p']) => matcher({ roots, filters: [{ base: '/p', patterns }] });

test('has what lies below a root, and the root itself', () => {
  const { has } = set([], ['/p/src/', '/p/package.json']);
  expect(['/p/src', '/p/src/a/b.js', '/p/package.json'].every(has)).toBe(true);
  expect(['/p/srcs/a.js', '/p/package.json.bak', '/p', '/q/src/a.js'].some(has)).toBe(false);
});

test.each<[string[], string[], string[]]>([
  [['node_modules'], ['/p/a.js', '/p/web/node_modules/x.js'], ['/p/node_modules', '/p/node_modules/a/b.js']],
  [['**/node_modules'], ['/p/a.js'], ['/p/node_modules/x', '/p/web/node_modules/x.js']],
  [['*.md', '!README.md'], ['/p/README.md', '/p/docs/a.md'], ['/p/a.md']],
  [['*', '!src'], ['/p/src/a/b.js'], ['/p/web/a.js', '/p/x']],
  [['docs', '!docs/keep.md'], ['/p/docs/keep.md'], ['/p/docs/a.md']],
  [['docs/**', '!docs/a/**', 'docs/a/b'], ['/p/docs/a/c'], ['/p/docs/x', '/p/docs/a/b/c']],
  [['/dist/', './tmp/../out'], ['/p/web/dist/a'], ['/p/dist/a', '/p/out/a']],
  [
    ['a?c', '[x-z]', '\\*'],
    ['/p/ac', '/p/w', '/p/b'],
    ['/p/abc', '/p/y', '/p/*'],
  ],
  [['# comment', '', '  a  ', '!'], ['/p/# comment'], ['/p/a']],
  [['A.JS'], ['/p/a.js'], ['/p/A.JS']],
  [['a.b(c)+$|{x}'], ['/p/aXb(c)+$|{x}'], ['/p/a.b(c)+$|{x}']],
  [['[unclosed', 'x'], ['/p/[unclosed', '/p/u'], ['/p/x']],
  [['constructor'], ['/p/toString', '/p/__proto__'], ['/p/constructor', '/p/constructor/x']],
])('patterns %j', (patterns, kept, ignored) => {
  const { has } = set(patterns);
  expect(kept.filter((path) => !has(path))).toEqual([]);
  expect(ignored.filter(has)).toEqual([]);
});

test('decides as the reference library does over many patterns and paths', () => {
  const dockerignore = createRequire(import.meta.url)('@balena/dockerignore');
  const parts = ['a', 'b', 'node_modules', 'x.md', 'src'];
  const patterns = [
    'a',
    'a/b',
    '*',
    '*/b',
    '**/x.md',
    'a/**',
    '**/node_modules/**',
    '!a',
    '!a/b',
    '!**/x.md',
    '!src/**',
    '*.md',
  ];
  const paths = parts.flatMap((a) => [
    a,
    ...parts.flatMap((b) => [`${a}/${b}`, ...parts.map((c) => `${a}/${b}/${c}`)]),
  ]);
  for (const one of patterns) {
    for (const two of patterns) {
      for (const three of ['!b', 'src']) {
        const list = [one, two, three];
        const reference = dockerignore({ ignorecase: false }).add(list);
        const { has } = set(list);
        const differing = paths.filter((path) => has(`/p/${path}`) === reference.ignores(path));
        expect(differing, list.join(' ')).toEqual([]);
      }
    }
  }
});

test('every group must let a path through, each relative to its own base', () => {
  const { has } = matcher({
    roots: ['/p'],
    filters: [
      { base: '/p', patterns: ['dist'] },
      { base: '/p/web', patterns: ['*', '!src'] },
    ],
  });
  expect(has('/p/web/src/a')).toBe(true);
  expect(has('/p/api/a')).toBe(true);
  expect(has('/p/web/a')).toBe(false);
  expect(has('/p/dist/a')).toBe(false);
});

describe('mayDescend', () => {
  test('goes through the parents of roots and into roots only', () => {
    const { mayDescend } = set([], ['/p/web/src']);
    expect(['/', '/p', '/p/web', '/p/web/src', '/p/web/src/a'].every(mayDescend)).toBe(true);
    expect(['/q', '/p/api', '/p/web/srcs'].some(mayDescend)).toBe(false);
  });

  test('skips an ignored directory unless a later ! pattern can match below', () => {
    expect(set(['node_modules']).mayDescend('/p/node_modules')).toBe(false);
    expect(set(['node_modules', '!node_modules/keep/a.js']).mayDescend('/p/node_modules')).toBe(true);
    expect(set(['node_modules', '!node_modules/keep/a.js']).mayDescend('/p/node_modules/other')).toBe(false);
    expect(set(['node_modules', '!n*/ke?p']).mayDescend('/p/node_modules')).toBe(true);
    expect(set(['!node_modules/keep', 'node_modules']).mayDescend('/p/node_modules')).toBe(false);
    expect(set(['dist', '!**/*.md']).mayDescend('/p/dist')).toBe(true);
    expect(set(['*', '!src']).mayDescend('/p/web')).toBe(false);
    expect(set(['*', '!src']).mayDescend('/p/src')).toBe(true);
  });
});

test('a folding file system compares roots without regard to case and Unicode form, patterns as Docker does', () => {
  const files = { roots: ['/p/Caf\u00e9'], filters: [{ base: '/P', patterns: ['Caf\u00e9/dist'] }] };
  expect(matcher(files, { folds: true }).has('/P/cafe\u0301/a.js')).toBe(true);
  expect(matcher(files).has('/P/cafe\u0301/a.js')).toBe(false);
  expect(matcher(files, { folds: true }).has('/P/Caf\u00e9/dist/a')).toBe(false);
  expect(matcher(files, { folds: true }).mayDescend('/P')).toBe(true);
});

test('our notes belong to nothing; version control and editor files to nothing that is watched', () => {
  const files = { roots: ['/p/.git/wt'], filters: [] };
  expect(matcher(files).has('/p/.git/wt/.sluice/images.json')).toBe(false);
  expect(matcher(files).mayDescend('/p/.git/wt/.sluice')).toBe(false);
  expect(matcher(files).has('/p/.git/wt/.git/HEAD')).toBe(true);
  const watched = matcher(files, { watching: true });
  expect(['a.js', '.github/x', '.gitignore', 'a.git'].every((path) => watched.has(`/p/.git/wt/${path}`))).toBe(true);
  expect(['.git', '.git/HEAD', 'web/.git/x', '.a.swp', 'a/b~'].some((path) => watched.has(`/p/.git/wt/${path}`))).toBe(
    false,
  );
  expect(watched.mayDescend('/p/.git/wt/.git')).toBe(false);
});

test('knows what editors write beside a file', () => {
  const temps = [
    '4913',
    'a.js~',
    '.a.js.swp',
    '.a.js.swx',
    '.#a.js',
    '#a.js#',
    'flymake_a.js',
    'a.js___jb_tmp___',
    'a.js___jb_old___',
    'x-go-tmp-umask',
  ];
  expect(temps.filter((name) => !editorTemp(`/p/${name}`))).toEqual([]);
  expect(editorTemp('/p/.idea/workspace.xml')).toBe(true);
  expect(['/p/a.js', '/p/14913', '/p/.env', '/p/a.swp.js', '/p/#a'].filter(editorTemp)).toEqual([]);
});

describe('a pattern of many stars', () => {
  // Each would keep an expression that goes back for minutes, up to centuries.
  test.each([
    [`${'*a'.repeat(30)}*b`, 'a'.repeat(255)],
    [`**/${'*a'.repeat(30)}*b`, `${'a'.repeat(200)}/`.repeat(15)],
    [`${'**/a/'.repeat(20)}b`, 'a/'.repeat(2_000)],
    [`${'**/*a*a*a/'.repeat(10)}b`, 'aaaaaaaa/'.repeat(400)],
    [`${'[*]'.repeat(20)}b`, ']'.repeat(255)],
    [`${'a**'.repeat(20)}b`, 'a/'.repeat(60)],
  ])('is matched in the end: %s', (pattern, name) => {
    expect(set([pattern]).has(`/p/${name}`)).toBe(true);
  });

  test('matches what it would match going back over every place', () => {
    let seed = 7;
    const some = (most: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff;
      return (seed >> 8) % most;
    };
    const made = (parts: readonly string[], most: number): string =>
      Array.from({ length: 1 + some(most) }, () => parts[some(parts.length)]).join('');
    let found = 0;
    for (let round = 0; round < 5_000; round++) {
      const pattern = made(['a', 'b', '*', '*', '**/', '/', '?', '[ab]', 'a*', '*.', '.'], 9);
      const expected = plain(pattern);
      const name = made(['a', 'b', '/', 'a', '.'], 10)
        .replace(/\/+/g, '/')
        .replace(/^\/|\/$/g, '');
      if (name === '' || /^[./]|\/\.|\/\/|^\*?!|\/$|^\s|\.\//.test(`${pattern}`) || /(^|\/)\.+(\/|$)/.test(`${name}/`))
        continue;
      const isLeftOut = !set([pattern]).has(`/p/${name}`);
      const parents = name.split('/').map((_, i, all) => all.slice(0, i + 1).join('/'));
      expect([pattern, name, isLeftOut]).toEqual([pattern, name, parents.some((path) => expected.test(path))]);
      if (isLeftOut) found += 1;
    }
    expect(found).toBeGreaterThan(100);
  });

  /** The rules of moby's patternmatcher written down as they are. */
  function plain(pattern: string): RegExp {
    const source = pattern.replace(/\*\*\/|\*\*$|\*\*|\*|\?|\./g, (found) => {
      if (found === '**/' || (found === '**' && !pattern.endsWith('**'))) return '(?:.*/)?';
      return { '**': '.*', '*': '[^/]*', '?': '[^/]', '.': '\\.' }[found] ?? found;
    });
    return new RegExp(`^(?:${source})$`, 's');
  }
});
