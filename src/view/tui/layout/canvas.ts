// What the parts of the picture draw on: the cells, the colours, and what a click does where.
import type { Msg } from '../model.ts';
import type { Cells, Rect } from '../paint/cells.ts';
import type { Palette } from '../paint/palette.ts';

/** A press of the left button inside `rect` does `left`, of the right one `right`; the last one drawn is on top. */
export interface Hit {
  readonly rect: Rect;
  readonly left: Msg;
  readonly right?: Msg;
  /** For the second press of a double click. */
  readonly double?: Msg;
}

export interface Canvas {
  readonly cells: Cells;
  readonly palette: Palette;
  readonly hits: Hit[];
}
