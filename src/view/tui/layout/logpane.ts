// The log pane: a title that says what is shown, and the lines themselves.
import { matchesIn, matchingLines } from '../log/matches.ts';
import { type Gutter, gutterOf, gutterSpans, type LogRow, rowsOfLines } from '../log/rows.ts';
import { columnsOfLine } from '../log/sgr.ts';
import { filterOf, type Model, rowsIn, selectedRow } from '../model.ts';
import { put, putColumns, putSpans, type Rect, restyle, type Span } from '../paint/cells.ts';
import { widthOf } from '../paint/columns.ts';
import type { Palette } from '../paint/palette.ts';
import { tableRows } from '../paint/panes.ts';
import type { Canvas } from './canvas.ts';

function subject(model: Model): string {
  if (model.log.all) return 'all';
  const row = selectedRow(model);
  return row ? (row.is === 'group' ? row.name : row.resource.name) : 'all';
}

function filters(model: Model): string {
  const { source, level, pod, container } = model.log;
  return [
    source,
    level && (level === 'error' ? 'errors' : `${level} and up`),
    pod && `pod ${pod}`,
    container && `container ${container}`,
  ]
    .filter(Boolean)
    .join(' · ');
}

/** `12 of 340`, `340 matches`, `searching …`. */
export function matchCount(model: Model): string {
  const search = model.log.search;
  if (!search) return '';
  if (search.count === null) return 'searching …';
  const index = search.at === null ? -1 : search.seqs.indexOf(search.at);
  if (index >= 0) return `${search.seqs.length - index} of ${search.count}`;
  return search.count === 1 ? '1 match' : `${search.count} matches`;
}

/** Which rows of the table are in sight, when not all are. */
function tablePart(model: Model, palette: Palette): readonly Span[] {
  const visible = tableRows(model);
  const count = rowsIn(model).length;
  if (model.detail || visible <= 0 || visible >= count) return [];
  return [
    [` ${model.top + 1}–${Math.min(count, model.top + visible)} of ${count} `, palette.dim],
    ['─', palette.dim],
  ];
}

function position(model: Model, palette: Palette): readonly Span[] {
  const { copy, anchor, fresh } = model.log;
  if (copy) return [[' copy: mark lines, y copies ', palette.matchHere]];
  if (!anchor) return [[' following ', palette.dim]];
  if (fresh === 0) return [[' paused ', palette.warn]];
  return [[` paused · ${fresh} new ${fresh === 1 ? 'line' : 'lines'} `, palette.warn]];
}

export function drawLogTitle({ cells, palette, hits }: Canvas, rect: Rect, model: Model): void {
  const focused = model.focus === 'logs' || model.zoomed;
  put(cells, rect.x, rect.y, '─'.repeat(rect.width), palette.dim);
  const spans: Span[] = [
    [' logs ', palette.dim],
    [`${subject(model)} `, focused ? palette.accent : palette.strong],
  ];
  const narrowed = filters(model);
  if (narrowed) spans.push([`· ${narrowed} `, palette.warn]);
  if (model.log.search)
    spans.push(
      ['· ', palette.dim],
      [`/${model.log.search.text}/`, palette.match],
      [` ${matchCount(model)} `, palette.dim],
    );
  const right = [...tablePart(model, palette), ...position(model, palette)];
  const width = right.reduce((sum, [text]) => sum + widthOf(text), 0);
  putSpans(cells, rect.x + 1, rect.y, spans, rect.width - width - 4);
  putSpans(cells, rect.x + rect.width - width - 1, rect.y, right);
  hits.push({ rect, left: { is: 'command', id: 'follow' } });
}

function drawRow(canvas: Canvas, row: LogRow, y: number, gutter: Gutter, isMatch: boolean, model: Model): void {
  const { cells, palette } = canvas;
  const x = putSpans(cells, 0, y, gutterSpans(row.line, row.first, gutter, palette));
  const { chars, styles } = columnsOfLine(row.line);
  const width = cells.width - x;
  // A wide character whose first half is scrolled out leaves a blank.
  const shown = chars.slice(row.from, Math.min(row.to, row.from + width));
  if (shown[0] === '') shown[0] = ' ';
  putColumns(cells, x, y, shown, palette.depth === 0 ? palette.text : styles.slice(row.from, row.from + shown.length));
  const more = !model.log.wrap && chars.length > row.from + width;
  if (model.log.search && isMatch) {
    const here = row.line.seq === model.log.search.at ? palette.matchHere : palette.match;
    for (const [from, to] of matchesIn(row.line, model.log.search.pattern)) {
      const start = Math.max(from, row.from);
      const end = Math.min(to, row.from + shown.length);
      if (end > start) restyle(cells, x + start - row.from, y, end - start, () => here);
    }
  }
  if (more) put(cells, cells.width - 1, y, '…', palette.dim);
  const { copy, error } = model.log;
  if (row.line.seq === error) restyle(cells, 0, y, cells.width, (style) => palette.bar(style, true));
  if (copy && row.line.seq >= Math.min(copy.from, copy.to) && row.line.seq <= Math.max(copy.from, copy.to)) {
    restyle(cells, 0, y, cells.width, (style) => palette.bar(style, true));
  }
}

function emptyText(model: Model): string {
  const { search, source, level, pod, container } = model.log;
  if (source || level || pod || container)
    return 'no line passes these filters (s source, L level, P pod, C container)';
  if (!model.state) return '';
  if (filterOf(model).resources?.length === 1) return 'nothing logged by this resource yet';
  return search ? '' : 'nothing logged yet';
}

export function drawLogs(canvas: Canvas, rect: Rect, model: Model): void {
  canvas.hits.push({ rect, left: { is: 'focus', pane: 'logs' } });
  const gutter = gutterOf(model);
  const width = Math.max(1, rect.width - gutter.width);
  const all = rowsOfLines(model.log.lines, model, width);
  const from = model.log.anchor
    ? Math.min(model.log.anchor.skip, Math.max(0, all.length - 1))
    : Math.max(0, all.length - rect.height);
  const rows = all.slice(from, from + rect.height);
  if (rows.length === 0)
    put(canvas.cells, 3, rect.y + Math.min(1, rect.height - 1), emptyText(model), canvas.palette.dim, rect.width - 4);
  const { search } = model.log;
  const matched = new Set(
    search
      ? matchingLines(
          rows.map((row) => row.line),
          search.pattern,
        )
      : [],
  );
  for (const [i, row] of rows.entries()) drawRow(canvas, row, rect.y + i, gutter, matched.has(row.line), model);
}
