// Tables keyed by what a user or a server wrote are asked by `lookup`: `constructor` is nobody's resource unless somebody wrote it.
import { describe, expect, it } from 'vitest';
import { projectFiles, textOf } from '../support/sources.ts';

const tables = 'resources|images|pods|services|ledgers|removals|feeds';
/** A read by a name that is not written out; what is assigned or deleted is the table's own. */
const bare = new RegExp(String.raw`(?<!delete )\b[\w.?]*\.(?:${tables})\??\.?\[[a-z][\w.]*\](?!\s*=[^=])`);

describe('tables keyed by names from outside', () => {
  it('are never read past their own keys', () => {
    const found = projectFiles('src', '.ts').flatMap((path) =>
      textOf(path)
        .split('\n')
        .filter((line) => bare.test(line))
        .map((line) => `${path}: ${line.trim()}`),
    );
    expect(found).toEqual([]);
  });
});
