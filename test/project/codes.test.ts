// Problem codes are an interface: scripts and editors match on them.
import { describe, expect, it } from 'vitest';
import { codes } from '../../src/model/problems/codes.ts';
import { projectFiles, textOf } from '../support/sources.ts';

const list = 'src/model/problems/codes.ts';

describe('problem codes', () => {
  it('are listed once each', () => {
    const listed = [...textOf(list).matchAll(/^\s*(S\d{3}):/gm)].map((match) => match[1]);
    expect(listed.filter((code, index) => listed.indexOf(code) !== index)).toEqual([]);
  });

  it('mean one thing each', () => {
    const meanings = Object.values<string>(codes);
    expect(meanings.filter((meaning, index) => meanings.indexOf(meaning) !== index)).toEqual([]);
  });

  it('are listed wherever one is used', () => {
    const unlisted = projectFiles('src', '.ts')
      .filter((path) => path !== list)
      .flatMap((path) => [...textOf(path).matchAll(/'(S\d{3})'/g)].map((match) => `${path}: ${match[1]}`))
      .filter((use) => !(use.slice(-4) in codes));
    expect(unlisted).toEqual([]);
  });

  it('are called by their names where something is decided by them', () => {
    const literal = /[!=]== '(S\d{3})'|\[(?:'S\d{3}',? ?)+\]\.includes/g;
    const compared = projectFiles('src', '.ts').flatMap((path) =>
      [...textOf(path).matchAll(literal)].map((match) => `${path}: ${match[0]}`),
    );
    expect(compared).toEqual([]);
  });
});
