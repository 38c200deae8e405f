// Log lines as rows of the pane: what stands before each line, and where it is wrapped.
import type { LogLine } from '../../../model/log.ts';
import { clock } from '../duration.ts';
import { membersOf, resourcesOf } from '../lists/rows.ts';
import { type Model, selectedRow } from '../model.ts';
import type { Span } from '../paint/cells.ts';
import { fit, widthOf } from '../paint/columns.ts';
import type { Palette } from '../paint/palette.ts';
import { columnsOfLine } from './sgr.ts';

/** Columns of the prefix that are the same for every line now, so that the text starts in one column. */
export interface Gutter {
  readonly times: boolean;
  /** 0: all lines are of one resource with one pod. */
  readonly name: number;
  /** Lines of one resource are told apart by pod. */
  readonly byPod: boolean;
  readonly width: number;
}

/** Names longer than this are cut in front of a line; the text is what is read. */
const nameColumns = 16;

export function gutterOf(model: Model): Gutter {
  const row = model.log.all ? undefined : selectedRow(model);
  const resources = row ? membersOf(row) : resourcesOf(model.state);
  const several = resources.length !== 1;
  const pods = !several && !model.log.pod && (resources[0]?.runtime.pods.length ?? 0) > 1;
  const longest = several ? Math.max(6, ...resources.map((resource) => widthOf(resource.name))) : pods ? 5 : 0;
  const most = Math.max(6, Math.min(nameColumns, Math.floor(model.width / 6)));
  const name = Math.min(longest, most);
  return {
    times: model.log.times,
    name,
    byPod: !several,
    width: (model.log.times ? 9 : 0) + (name > 0 ? name + 1 : 0) + 2,
  };
}

/** Pods of one owner differ in their last five letters. */
const nameBefore = (line: LogLine, { byPod }: Gutter): string =>
  byPod ? (line.pod?.slice(-5) ?? (line.source === 'runtime' ? '' : line.source)) : line.resource;

const bars = { build: '┊', runtime: '│', engine: '»' } as const;

export function gutterSpans(line: LogLine, first: boolean, gutter: Gutter, palette: Palette): readonly Span[] {
  const spans: Span[] = [];
  if (gutter.times) spans.push([first ? `${clock(line.at)} ` : ' '.repeat(9), palette.dim]);
  if (gutter.name > 0) {
    const name = first ? fit(nameBefore(line, gutter), gutter.name) : '';
    spans.push([
      `${name}${' '.repeat(Math.max(0, gutter.name - widthOf(name)))} `,
      palette.named(nameBefore(line, gutter)),
    ]);
  }
  const tone = line.level === 'error' ? palette.bad : line.level === 'warn' ? palette.warn : palette.dim;
  spans.push([`${bars[line.source]} `, tone]);
  return spans;
}

/** Ends of the rows of a text that wraps at `width`; a wide character is never cut in two. */
export function wrapEnds(chars: readonly string[], width: number): number[] {
  if (chars.length <= width || width < 2) return [Math.max(chars.length, 0)];
  const ends: number[] = [];
  for (let at = 0; at < chars.length; ) {
    let end = Math.min(chars.length, at + width);
    if (end < chars.length && chars[end] === '') end--;
    ends.push(end);
    at = end;
  }
  return ends;
}

/** Columns for the text of a line. */
export const textWidth = (model: Model): number => Math.max(1, model.width - gutterOf(model).width);

export const rowCount = (line: LogLine, model: Model, width: number): number =>
  model.log.wrap ? wrapEnds(columnsOfLine(line).chars, width).length : 1;

/** One row of the pane: columns `from` to `to` of a line. */
export interface LogRow {
  readonly line: LogLine;
  readonly first: boolean;
  readonly from: number;
  readonly to: number;
}

export function rowsOfLines(lines: readonly LogLine[], model: Model, width: number): readonly LogRow[] {
  return lines.flatMap((line): readonly LogRow[] => {
    const { chars } = columnsOfLine(line);
    if (!model.log.wrap) return [{ line, first: true, from: model.log.left, to: model.log.left + width }];
    return wrapEnds(chars, width).map((to, i, ends) => ({ line, first: i === 0, from: ends[i - 1] ?? 0, to }));
  });
}
