// The table of resources. Column widths follow what is in them, and the least important columns go where it is narrow.
import { put, putSpans, type Rect, restyle, type Span } from '../cells.ts';
import { widthOf } from '../columns.ts';
import { type Model, rowsIn } from '../model.ts';
import type { Palette } from '../palette.ts';
import type { Row } from '../rows.ts';
import { countsOf, glyphOf, liveText, runtimeText, standingOf, toneOf, updateText } from '../standing.ts';
import type { Style } from '../style.ts';
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

function columnsFor(
  resources: readonly Resource[],
  indent: number,
  width: number,
  model: Model,
  palette: Palette,
): readonly Column[] {
  const narrow = width < 80;
  const live = (resource: Resource) =>
    narrow ? shortLive(liveText(resource, model.now)) : liveText(resource, model.now);
  const endpoints = (resource: Resource) => resource.endpoints.map(shortUrl).join(' ');
  const longest = Math.max(4, ...resources.map((resource) => widthOf(resource.name)));
  // Only the names' column follows its content: widths that follow what changes each second make a table jump.
  const widths = {
    name: Math.min(longest, narrow ? 14 : width < 120 ? 22 : 36) + indent,
    runtime: narrow ? 10 : width < 120 ? 16 : 22,
    live: narrow ? 9 : 15,
    restarts: width >= 70 ? 3 : 0,
  };
  const gap = width < 100 ? 1 : 2;
  const rest = width - 3 - Object.values(widths).reduce((sum, w) => sum + (w > 0 ? w + gap : 0), 0);
  const update = width >= 100 ? Math.max(30, Math.round(rest * 0.6)) : rest;
  const tone = (resource: Resource) => toneOf(standingOf(resource), palette);
  const all: readonly Omit<Column, 'x'>[] = [
    {
      head: 'NAME',
      width: widths.name,
      text: (resource) => resource.name,
      tone: (resource) => (resource.enabled ? palette.text : palette.dim),
    },
    {
      head: 'UPDATE',
      width: update,
      text: (resource) => updateText(resource, model.now),
      tone: (resource) =>
        ({
          failed: palette.bad,
          running: palette.busy,
          held: palette.warn,
          pending: palette.warn,
          ok: palette.text,
          none: palette.dim,
          cancelled: palette.warn,
        })[resource.update.status],
    },
    {
      head: 'RUNTIME',
      width: widths.runtime,
      text: runtimeText,
      tone: (resource) =>
        ({ failed: palette.bad, pending: palette.busy, ready: palette.ok, done: palette.ok, none: palette.dim })[
          resource.runtime.status
        ],
    },
    {
      head: 'LIVE',
      width: widths.live,
      text: live,
      tone: (resource) => (resource.changes.seen > resource.changes.live ? palette.warn : palette.dim),
    },
    {
      head: ' ↻',
      width: widths.restarts,
      text: (resource) =>
        resource.runtime.restarts > 0
          ? resource.runtime.restarts > 99
            ? '99+'
            : String(resource.runtime.restarts).padStart(2)
          : '',
      tone,
    },
    { head: 'ENDPOINTS', width: Math.max(0, rest - update - gap), text: endpoints, tone: () => palette.busy },
  ];
  let x = 3;
  return all.flatMap((column) => {
    if (column.width === 0) return [];
    const placed = { ...column, x };
    x += column.width + gap;
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
  const standing = standingOf(row.resource);
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
