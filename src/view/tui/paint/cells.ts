// The picture: a grid of cells that layout fills and the painter compares with what the terminal shows.
import { fit, isWide, pushColumns } from './columns.ts';
import { plain, type Style } from './style.ts';

export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Cells {
  readonly width: number;
  readonly height: number;
  readonly chars: string[];
  readonly styles: Int32Array;
}

export const blankCells = (width: number, height: number): Cells => ({
  width,
  height,
  chars: Array<string>(width * height).fill(' '),
  styles: new Int32Array(width * height).fill(plain),
});

/** A piece of a line in one style. */
export type Span = readonly [text: string, style: Style];

/**
 * Writes `text` at column `x`, cut with an ellipsis to `max` columns; returns the column behind it.
 * A wide character that would stand half outside is left out.
 */
export function put(cells: Cells, x: number, y: number, text: string, style: Style, max = cells.width - x): number {
  if (y < 0 || y >= cells.height || x >= cells.width || max <= 0) return x;
  const columns: string[] = [];
  pushColumns(columns, fit(text, Math.min(max, cells.width - x)));
  putColumns(cells, x, y, columns, style);
  return x + columns.length;
}

/** Writes ready columns, each in `style` or in its own. */
export function putColumns(
  cells: Cells,
  x: number,
  y: number,
  columns: readonly string[],
  style: Style | ArrayLike<Style>,
): void {
  const end = Math.min(columns.length, cells.width - x);
  for (let i = 0; i < end; i++) {
    const at = y * cells.width + x + i;
    const cut = i === cells.width - x - 1 && isWide(columns[i]!);
    cells.chars[at] = cut ? ' ' : columns[i]!;
    cells.styles[at] = typeof style === 'number' ? style : style[i]!;
  }
}

/** Spans one after the other within `max` columns; returns the column behind the last. */
export function putSpans(cells: Cells, x: number, y: number, spans: readonly Span[], max = cells.width - x): number {
  let at = x;
  for (const [text, style] of spans) at = put(cells, at, y, text, style, max - (at - x));
  return at;
}

export function fill(cells: Cells, rect: Rect, char: string, style: Style): void {
  for (let y = Math.max(0, rect.y); y < Math.min(rect.y + rect.height, cells.height); y++) {
    for (let x = Math.max(0, rect.x); x < Math.min(rect.x + rect.width, cells.width); x++) {
      cells.chars[y * cells.width + x] = char;
      cells.styles[y * cells.width + x] = style;
    }
  }
}

/** Changes the styles of a stretch of cells, characters untouched. */
export function restyle(cells: Cells, x: number, y: number, width: number, change: (style: Style) => Style): void {
  for (let i = Math.max(0, x); i < Math.min(x + width, cells.width); i++) {
    const at = y * cells.width + i;
    cells.styles[at] = change(cells.styles[at]!);
  }
}

/** The rows as text, right-trimmed: what golden frames hold. */
export function textOf(cells: Cells): string {
  const rows: string[] = [];
  for (let y = 0; y < cells.height; y++) {
    rows.push(
      cells.chars
        .slice(y * cells.width, (y + 1) * cells.width)
        .join('')
        .trimEnd(),
    );
  }
  return `${rows.join('\n')}\n`;
}
