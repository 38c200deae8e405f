// The table of resources. Column widths follow what is in them, and the least important columns go where it is narrow.
import { countsOf, glyphOf, liveText, rowStatusOf, runtimeText, toneOf, updateText } from '../lists/row-status.ts';
import type { Row } from '../lists/rows.ts';
import { type Model, rowsIn } from '../model.ts';
import { put, putSpans, type Rect, restyle, type Span } from '../paint/cells.ts';
import { widthOf } from '../paint/columns.ts';
import type { Palette } from '../paint/palette.ts';
import type { Style } from '../paint/style.ts';
import type { Canvas } from './canvas.ts';

type Resource = Extract<Row, { is: 'resource' }>['resource'];

interface Column {
  readonly head: string;
  readonly x: number;
  readonly width: number;
  text(resource: Resource): string;
  tone(resource: Resource): Style;
}

const shortUrl = (url: string): string => url.replace(/^https?:\/\//, '').replace(/\/$/, '');
const shortLive = (text: string): string => text.replace(/ saves?/, '');

interface Widths {
  readonly name: number;
  readonly update: number;
  readonly runtime: number;
  readonly live: number;
  readonly restarts: number;
  readonly endpoints: number;
  /** Between two columns. */
  readonly gap: number;
}

/** In terminal columns, of `width` that there are; 0: there is no room for it. */
function widthsFor(resources: readonly Resource[], indent: number, width: number): Widths {
  const narrow = width < 80;
  const longest = Math.max(4, ...resources.map((resource) => widthOf(resource.name)));
  // Only the names' column follows its content: widths that follow what changes each second make a table jump.
  const fixed = {
    name: Math.min(longest, narrow ? 14 : width < 120 ? 22 : 36) + indent,
    runtime: narrow ? 10 : width < 120 ? 16 : 22,
    live: narrow ? 9 : 15,
    restarts: width >= 70 ? 3 : 0,
  };
  const gap = width < 100 ? 1 : 2;
  const rest = width - 3 - Object.values(fixed).reduce((sum, w) => sum + (w > 0 ? w + gap : 0), 0);
  const update = width >= 100 ? Math.max(30, Math.round(rest * 0.6)) : rest;
  return { ...fixed, gap, update, endpoints: Math.max(0, rest - update - gap) };
}

type Painted = Pick<Column, 'head' | 'text' | 'tone'>;

function nameColumn(palette: Palette): Painted {
  return {
    head: 'NAME',
    text: (resource) => resource.name,
    tone: (resource) => (resource.enabled ? palette.text : palette.dim),
  };
}

function updateColumn(palette: Palette, now: number): Painted {
  const tones = {
    failed: palette.bad,
    running: palette.busy,
    held: palette.warn,
    pending: palette.warn,
    ok: palette.text,
    none: palette.dim,
    cancelled: palette.warn,
  };
  return {
    head: 'UPDATE',
    text: (resource) => updateText(resource, now),
    tone: (resource) => tones[resource.update.status],
  };
}

function runtimeColumn(palette: Palette): Painted {
  const { bad, busy, ok, dim } = palette;
  const tones = { failed: bad, pending: busy, ready: ok, done: ok, none: dim };
  return { head: 'RUNTIME', text: runtimeText, tone: (resource) => tones[resource.runtime.status] };
}

function liveColumn(palette: Palette, now: number, narrow: boolean): Painted {
  return {
    head: 'LIVE',
    text: (resource) => (narrow ? shortLive(liveText(resource, now)) : liveText(resource, now)),
    tone: (resource) => (resource.changes.seen > resource.changes.live ? palette.warn : palette.dim),
  };
}

function restartsColumn(palette: Palette): Painted {
  const text = (restarts: number): string => (restarts > 99 ? '99+' : String(restarts).padStart(2));
  return {
    head: ' ↻',
    text: ({ runtime }) => (runtime.restarts > 0 ? text(runtime.restarts) : ''),
    tone: (resource) => toneOf(rowStatusOf(resource), palette),
  };
}

function endpointsColumn(palette: Palette): Painted {
  return {
    head: 'ENDPOINTS',
    text: (resource) => resource.endpoints.map(shortUrl).join(' '),
    tone: () => palette.busy,
  };
}

function columnsFor(
  resources: readonly Resource[],
  indent: number,
  width: number,
  model: Model,
  palette: Palette,
): readonly Column[] {
  const widths = widthsFor(resources, indent, width);
  const all: readonly Omit<Column, 'x'>[] = [
    { ...nameColumn(palette), width: widths.name },
    { ...updateColumn(palette, model.now), width: widths.update },
    { ...runtimeColumn(palette), width: widths.runtime },
    { ...liveColumn(palette, model.now, width < 80), width: widths.live },
    { ...restartsColumn(palette), width: widths.restarts },
    { ...endpointsColumn(palette), width: widths.endpoints },
  ];
  let x = 3;
  return all.flatMap((column) => {
    if (column.width === 0) return [];
    const placed = { ...column, x };
    x += column.width + widths.gap;
    return [placed];
  });
}

function drawGroup({ cells, palette }: Canvas, row: Extract<Row, { is: 'group' }>, y: number): void {
  const { failed, busy, ok, total } = countsOf(row.members);
  const spans: Span[] = [
    [` ${row.folded ? '▸' : '▾'} `, palette.dim],
    [row.name, palette.strong],
    [`  ${ok}/${total}`, palette.dim],
  ];
  if (failed > 0) spans.push([`  ${glyphOf('failed')} ${failed}`, palette.bad]);
  if (busy > 0) spans.push([`  ${glyphOf('busy')} ${busy}`, palette.busy]);
  putSpans(cells, 0, y, spans);
}

function drawResource(
  canvas: Canvas,
  row: Extract<Row, { is: 'resource' }>,
  y: number,
  columns: readonly Column[],
  model: Model,
): void {
  const { cells, palette, hits } = canvas;
  const standing = rowStatusOf(row.resource);
  if (model.marked.has(row.resource.name)) put(cells, 0, y, '┃', palette.accent);
  put(cells, 1 + row.indent, y, glyphOf(standing), toneOf(standing, palette));
  for (const [i, column] of columns.entries()) {
    const indent = i === 0 ? row.indent : 0;
    const end = put(
      cells,
      column.x + indent,
      y,
      column.text(row.resource),
      column.tone(row.resource),
      column.width - indent,
    );
    if (column.head === 'ENDPOINTS' && row.resource.endpoints.length > 0) {
      hits.push({
        rect: { x: column.x, y, width: end - column.x, height: 1 },
        left: {
          is: 'do',
          effects: [{ do: 'open', url: row.resource.endpoints[0]! }],
          notice: `open ${row.resource.endpoints[0]}`,
        },
      });
    }
  }
}

function drawEmpty({ cells, palette }: Canvas, rect: Rect, model: Model): void {
  const text = !model.state
    ? 'starting: reading the configuration …'
    : model.state.config.ok
      ? 'no resources yet: sluice.yaml and the Compose file here name none'
      : 'no resources yet: waiting for a configuration that can be read';
  put(cells, rect.x + 3, rect.y + Math.min(2, rect.height - 1), text, palette.dim, rect.width - 4);
}

export function drawTable(canvas: Canvas, rect: Rect, model: Model): void {
  const { cells, palette, hits } = canvas;
  const rows = rowsIn(model);
  hits.push({ rect, left: { is: 'focus', pane: 'table' } });
  if (rows.length === 0) {
    drawEmpty(canvas, rect, model);
    return;
  }
  const all = rows.flatMap((row) => (row.is === 'resource' ? [row.resource] : []));
  const indent = Math.max(0, ...rows.map((row) => (row.is === 'resource' ? row.indent : 0)));
  const columns = columnsFor(all, indent, rect.width, model, palette);
  for (const column of columns) put(cells, column.x, rect.y, column.head, palette.dim, column.width);
  const visible = rect.height - 1;
  for (const [i, row] of rows.slice(model.top, model.top + visible).entries()) {
    const y = rect.y + 1 + i;
    const line: Rect = { x: rect.x, y, width: rect.width, height: 1 };
    const twice = row.is === 'group' ? {} : { double: { is: 'open row', key: row.key } as const };
    hits.push({
      rect: line,
      left: row.is === 'group' ? { is: 'open row', key: row.key } : { is: 'select', key: row.key },
      right: { is: 'menu', key: row.key },
      ...twice,
    });
    if (row.is === 'group') drawGroup(canvas, row, y);
    else drawResource(canvas, row, y, columns, model);
    if (row.key === model.selected)
      restyle(cells, rect.x, y, rect.width, (style) => palette.bar(style, model.focus === 'table'));
  }
}
