import { describe, expect, it } from 'vitest';
import { blankCells, put, textOf } from '../../../src/view/tui/paint/cells.ts';
import { columnsOf, fit, widthOf } from '../../../src/view/tui/paint/columns.ts';

describe('columns', () => {
  it.each([
    ['plain', ['p', 'l', 'a', 'i', 'n']],
    ['漢a', ['漢', '', 'a']],
    ['e\u0301', ['é']],
    ['x\u0302', ['x']],
    ['👨‍👩‍👧!', ['👨', '', '!']],
    ['🇩🇪!', ['□', ' ', '!']],
    ['⚠️!', ['⚠', ' ', '!']],
    ['a\x1b[2J\x07b', ['a', '[', '2', 'J', 'b']],
    ['a\u202eb\u200bc', ['a', 'b', 'c']],
    ['ab\tc', ['a', 'b', ' ', ' ', ' ', ' ', ' ', ' ', 'c']],
  ])('of %j are one entry a column', (text, columns) => {
    expect(columnsOf(text)).toEqual(columns);
  });

  it('never contain a control character, whatever comes in', () => {
    for (let code = 0; code < 0x2ff; code++) {
      for (const column of columnsOf(`a${String.fromCharCode(code)}b`))
        expect(column).not.toMatch(/[\x00-\x1f\x7f-\x9f]/);
    }
  });

  it('cut with an ellipsis fill no more than they may, and cut no wide character in two', () => {
    expect(fit('hello', 5)).toBe('hello');
    expect(fit('hello!', 5)).toBe('hell…');
    expect(fit('漢字漢字', 4)).toBe('漢…');
    expect(widthOf(fit('漢字漢字', 5))).toBe(5);
    expect(fit('hello', 0)).toBe('');
  });
});

describe('cells', () => {
  it('leave out a wide character that would stand half outside', () => {
    const cells = blankCells(4, 1);
    put(cells, 3, 0, '漢', 0);
    expect(textOf(cells)).toBe('   …\n');
    put(cells, 1, 0, '漢字', 0, 3);
    expect(textOf(cells)).toBe(' 漢…\n');
  });
});
