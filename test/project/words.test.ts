// The project's texts speak of the project alone, and hold nothing of the machine they were written on.
import { describe, expect, it } from 'vitest';
import { projectFiles, textOf } from '../support/sources.ts';

// In halves, so that this file does not name them itself.
const foreign = [
  ['/work', '/'],
  ['/tmp', '/w/'],
  ['design', '.md'],
  ['contract', '.md'],
  ['behaviours', '.md'],
  ['libraries', '.md'],
  ['peers-measured', '.md'],
  ['TO', 'DO'],
  ['FIX', 'ME'],
  ['XX', 'X:'],
].map((halves) => halves.join(''));

const binary = /\.(xz|gz|png|gif|ico)$/;
const files = projectFiles('.').filter((path) => !binary.test(path) && path !== 'package-lock.json');

describe('texts', () => {
  it('name no place, page or note outside the project', () => {
    const found = files.flatMap((path) => {
      const text = textOf(path);
      return foreign.filter((word) => text.includes(word)).map((word) => `${path}: ${word}`);
    });
    expect(found).toEqual([]);
  });

  it('hold no private key and no token', () => {
    const key = ['-----BEGIN', ' (RSA |EC |OPENSSH )?PRIVATE KEY'].join('');
    expect(
      files.filter((path) => new RegExp(`${key}|ghp_[A-Za-z0-9]{36}|AKIA[0-9A-Z]{16}`).test(textOf(path))),
    ).toEqual([]);
  });

  it('leave no test switched off or alone', () => {
    const off = new RegExp(['\\b(it|describe|test)\\.(sk', 'ip|on', 'ly|to', 'do)\\('].join(''));
    expect(projectFiles('test', '.ts').filter((path) => off.test(textOf(path)))).toEqual([]);
  });
});
