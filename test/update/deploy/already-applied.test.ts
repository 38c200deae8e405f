import { describe, expect, it } from 'vitest';
import { isAlready } from '../../../src/update/deploy/objects/already-applied.ts';

describe('what would be applied is there already', () => {
  it.each([
    [{ a: 1 }, { a: 1, added: 2 }],
    [{ a: { b: ['x', { c: 1 }] } }, { a: { b: ['x', { c: 1, default: true }] }, status: {} }],
    [[], []],
    [{}, { a: 1 }],
    [null, null],
  ])('where %j is in %j', (desired, existing) => {
    expect(isAlready(desired, existing)).toBe(true);
  });

  it.each([
    [{ a: 1 }, { a: '1' }],
    [{ a: 1 }, {}],
    [{ a: null }, {}],
    [['x'], ['x', 'y']],
    [
      ['x', 'y'],
      ['y', 'x'],
    ],
    [{ a: {} }, { a: [] }],
    [{ a: [] }, { a: {} }],
    [{ cpu: '1000m' }, { cpu: '1' }],
    [{ a: 1 }, null],
  ])('but not where %j is not in %j', (desired, existing) => {
    expect(isAlready(desired, existing)).toBe(false);
  });
});
