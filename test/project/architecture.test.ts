// A map that names what is not there is worse than none: every path and symbol in ARCHITECTURE.md exists.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectFiles, root, textOf } from '../support/sources.ts';

const file = 'ARCHITECTURE.md';
const spans = () => [...textOf(file).matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? '');

/** `src/engine/fold/<noun>.ts` and `src/view/*` are patterns, not paths. */
const isPath = (span: string) =>
  /^(src|test|bin|examples|schema|\.ci)\/[\w./-]+$/.test(span) || /^[\w-]+\.(ts|mjs|md|json)$/.test(span);
const isSymbol = (span: string) => /^[a-zA-Z_$][\w$]*(\(\))?$/.test(span) && /[a-z][A-Z]|\$$|^[A-Z][a-z]/.test(span);

describe('ARCHITECTURE.md', () => {
  it('names only paths that exist', () => {
    const all = projectFiles('.');
    const known = (path: string) => existsSync(join(root, path)) || all.some((each) => each.endsWith(`/${path}`));
    expect(
      spans()
        .filter(isPath)
        .filter((path) => !known(path)),
    ).toEqual([]);
  });

  it('names only symbols that exist', () => {
    const text = projectFiles('src', '.ts').map(textOf).join('\n');
    const known = (symbol: string) =>
      new RegExp(`\\b${symbol.replace('()', '').replaceAll('$', '\\$')}(?![\\w])`).test(text);
    expect(
      spans()
        .filter(isSymbol)
        .filter((symbol) => !known(symbol)),
    ).toEqual([]);
  });

  it('fits on a page or two', () => {
    expect(textOf(file).split('\n').length).toBeLessThan(200);
  });
});
