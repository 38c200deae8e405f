// Where things stand on the screen. One function, so that what is drawn and what scrolls agree.
import { detailColumns } from '../layout/detail.ts';
import { type Trouble, troublesWith } from '../lists/problems.ts';
import { rowsOf } from '../lists/rows.ts';
import { type Model, resourceIn, rowsIn } from '../model.ts';
import type { Rect } from './cells.ts';
import { paletteOf } from './palette.ts';

const colourless = paletteOf(0, 'unknown');

export interface Panes {
  readonly header: Rect;
  /** Shown only while the configuration is broken. */
  readonly banner: Rect | null;
  /** Table with its head line, or the detail. */
  readonly upper: Rect | null;
  readonly logTitle: Rect;
  /** What is wrong with the selected resource, where there is room to say it. */
  readonly problem: Rect | null;
  readonly logs: Rect;
  readonly footer: Rect;
}

/** Below this nothing useful can be drawn. */
export const smallest = { width: 40, height: 8 } as const;

/** Rows of the whole detail, its head line aside. */
export function detailRows(model: Model): number {
  const resource = resourceIn(model);
  return resource ? Math.max(...detailColumns(resource, model, colourless).map((lines) => lines.length)) : 0;
}

function upperHeight(model: Model, room: number): number {
  const least = 4;
  const most = Math.max(least, room - 5);
  if (model.detail) {
    return Math.min(most, Math.max(least, Math.min(detailRows(model) + 1, Math.round(room * 0.62)) - model.shift));
  }
  const wanted = Math.min(rowsOf(model.state, model.folded).length + 1, Math.max(least + 1, Math.round(room * 0.45)));
  return Math.min(most, Math.max(least, wanted - model.shift));
}

/** What is wrong with the selected resource; the first of several. */
export function troubleIn(model: Model): Trouble | null {
  const resource = resourceIn(model);
  return resource ? (troublesWith(resource)[0] ?? null) : null;
}

export function panesOf(model: Model): Panes {
  const { width, height } = model;
  const banner = model.state !== null && model.state.config.problems.length > 0 ? 1 : 0;
  const first = 1 + banner;
  const room = height - first - 1;
  const upper = model.zoomed ? 0 : upperHeight(model, room);
  const left = Math.max(0, room - upper - 1);
  const problem = !model.detail && left >= 5 && troubleIn(model) !== null ? 1 : 0;
  const row = (y: number, rows = 1): Rect => ({ x: 0, y, width, height: rows });
  return {
    header: row(0),
    banner: banner ? row(1) : null,
    upper: upper > 0 ? row(first, upper) : null,
    logTitle: row(first + upper),
    problem: problem ? row(first + upper + 1) : null,
    logs: row(first + upper + 1 + problem, left - problem),
    footer: row(height - 1),
  };
}

/** Rows of the table that fit, its head line aside. */
export const tableRows = (model: Model): number => Math.max(0, (panesOf(model).upper?.height ?? 0) - 1);

/** First row to show so that row `index` is in sight, moving as little as can be. */
export function scrolledTo(top: number, index: number, visible: number, count: number): number {
  const lowest = Math.max(0, count - visible);
  const near = Math.min(Math.max(top, index - visible + 1), Math.max(0, index));
  return Math.max(0, Math.min(near, lowest));
}

export const indexOfSelected = (model: Model): number => rowsIn(model).findIndex((row) => row.key === model.selected);
