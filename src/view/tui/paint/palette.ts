// The few colours of the view. The first sixteen only, so that they are the user's own on any background; a bar needs
// one shade more, which is taken from the 256 where the background is known and is inverse video where it is not.
import { fg, flag, plain, type Style, withBg, withFlag } from './style.ts';

export type Depth = 0 | 16 | 256;
export type Background = 'dark' | 'light' | 'unknown';

export interface Palette {
  readonly depth: Depth;
  readonly text: Style;
  readonly strong: Style;
  readonly dim: Style;
  readonly ok: Style;
  readonly busy: Style;
  readonly warn: Style;
  readonly bad: Style;
  readonly accent: Style;
  readonly match: Style;
  readonly matchHere: Style;
  /** A selected row's own style for a cell that had `style`. */
  bar(style: Style, focused: boolean): Style;
  /** One of a few steady colours for a name. */
  named(name: string): Style;
}

const hues = [6, 5, 4, 2, 3, 14, 13, 12];

function hash(name: string): number {
  let sum = 0;
  for (let i = 0; i < name.length; i++) sum = (sum * 31 + name.charCodeAt(i)) >>> 0;
  return sum;
}

const inverse = (style: Style): Style => withFlag(withFlag(plain, flag.inverse), style >> 18);

function colourless(): Palette {
  const strong = withFlag(plain, flag.bold);
  return {
    depth: 0,
    text: plain,
    strong,
    dim: plain,
    ok: plain,
    busy: plain,
    warn: plain,
    bad: strong,
    accent: strong,
    match: withFlag(plain, flag.underline),
    matchHere: withFlag(plain, flag.inverse),
    bar: (style, focused) => (focused ? inverse(style) : withFlag(style, flag.bold | flag.underline)),
    named: () => plain,
  };
}

export function paletteOf(depth: Depth, background: Background): Palette {
  if (depth === 0) return colourless();
  const shade = depth === 256 && background !== 'unknown' ? { dark: [238, 236], light: [252, 254] }[background] : null;
  return {
    depth,
    text: plain,
    strong: withFlag(plain, flag.bold),
    dim: depth === 256 && background !== 'unknown' ? fg(background === 'dark' ? 245 : 243) : fg(8),
    ok: fg(2),
    busy: fg(6),
    warn: fg(3),
    bad: fg(1, flag.bold),
    accent: fg(4, flag.bold),
    match: withBg(fg(0), 3),
    matchHere: withBg(fg(0, flag.bold), 13),
    bar: (style, focused) =>
      shade
        ? withBg(focused ? withFlag(style, flag.bold) : style, shade[focused ? 0 : 1]!)
        : focused
          ? inverse(style)
          : withFlag(style, flag.bold),
    named: (name) => fg(hues[hash(name) % hues.length]!),
  };
}
