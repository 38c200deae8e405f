import { describe, expect, it } from 'vitest';
import { nearest, parse, sgr } from '../../../../src/view/tui/log/sgr.ts';
import { bgOf, fgOf, flag, flagsOf, inherit, plain } from '../../../../src/view/tui/paint/style.ts';

describe('colours of a log line', () => {
  it('are kept, one style a column', () => {
    const { chars, styles } = parse('a\x1b[31;1mb漢\x1b[0mc');
    expect(chars).toEqual(['a', 'b', '漢', '', 'c']);
    expect(styles.map(fgOf)).toEqual([inherit, 1, 1, 1, inherit]);
    expect(styles.map(flagsOf)).toEqual([0, flag.bold, flag.bold, flag.bold, 0]);
  });

  it.each([
    ['38;5;208', 208],
    ['38;2;255;0;0', 196],
    ['38:2:255:0:0', 196],
    ['94', 12],
    ['2', 8],
  ])('%s is foreground %i', (code, color) => {
    expect(fgOf(sgr(plain, code))).toBe(color);
  });

  it('go back one by one', () => {
    expect(sgr(sgr(plain, '1;4;7;31;42'), '22;24;27;39;49')).toBe(plain);
    expect(sgr(sgr(plain, '31'), '')).toBe(plain);
  });

  it('of the same fore- and background are made legible', () => {
    const { styles } = parse('\x1b[31;41mhidden');
    expect(fgOf(styles[0]!)).toBe(inherit);
    expect(bgOf(styles[0]!)).toBe(1);
  });

  it('never let another sequence through', () => {
    expect(parse('a\x1b[2Jb\x1b]0;title\x07c\x1b7d\x1b').chars.join('')).toBe('abcd');
  });

  it('greys go to the grey ramp', () => {
    expect(nearest(128, 128, 128)).toBe(244);
    expect(nearest(0, 0, 0)).toBe(16);
    expect(nearest(255, 255, 255)).toBe(231);
  });
});
