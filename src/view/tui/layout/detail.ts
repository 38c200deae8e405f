// One resource in full: why it waits or was rebuilt, its runs, pods, events, and what stands around it.

import type { PublicResource } from '../../../model/public-state.ts';
import { glyphOf, rowStatusOf, toneOf } from '../lists/row-status.ts';
import { type Model, resourceIn } from '../model.ts';
import { put, putSpans, type Rect, type Span } from '../paint/cells.ts';
import { widthOf } from '../paint/columns.ts';
import type { Palette } from '../paint/palette.ts';
import type { Canvas } from './canvas.ts';
import { leftSections, rightSections, type Section } from './sections.ts';

/** From here on the sections stand in two columns. */
const twoColumns = 110;

type Line = readonly Span[];

function linesOf(sections: readonly Section[], palette: Palette): readonly Line[] {
  const head = Math.max(...sections.map((section) => widthOf(section.head)), 0) + 2;
  return sections.flatMap((section) =>
    section.lines.map((line, i): Line => [[(i === 0 ? section.head : '').padEnd(head), palette.dim], ...line]),
  );
}

/** The lines of the detail: in two columns where it is wide, else all in the first. */
export function detailColumns(
  resource: PublicResource,
  model: Model,
  palette: Palette,
): readonly [readonly Line[], readonly Line[]] {
  const split = model.width >= twoColumns;
  const width = split ? Math.floor((model.width - 2) / 2) : model.width - 2;
  const left = leftSections(resource, model, palette, width);
  const right = rightSections(resource, model, palette, width);
  return split ? [linesOf(left, palette), linesOf(right, palette)] : [linesOf([...left, ...right], palette), []];
}

function drawLines(canvas: Canvas, rect: Rect, lines: readonly Line[], top: number): void {
  for (const [i, line] of lines.slice(top, top + rect.height).entries())
    putSpans(canvas.cells, rect.x, rect.y + i, line, rect.width);
}

export function drawDetail(canvas: Canvas, rect: Rect, model: Model): void {
  const { cells, palette, hits } = canvas;
  const resource = resourceIn(model);
  if (!resource) return;
  hits.push({ rect, left: { is: 'focus', pane: 'table' } });
  const standing = rowStatusOf(resource);
  const facts = [
    resource.kind,
    resource.labels.join(', '),
    resource.trigger === 'auto' ? 'auto: updates by itself' : 'manual: updates on request',
  ];
  const body: Rect = { x: rect.x + 1, y: rect.y + 1, width: rect.width - 2, height: rect.height - 1 };
  const [left, right] = detailColumns(resource, model, palette);
  const half = right.length > 0 ? Math.floor(body.width / 2) : body.width;
  const longest = Math.max(left.length, right.length);
  const top = Math.min(model.detail?.top ?? 0, Math.max(0, longest - body.height));
  drawLines(canvas, { ...body, width: right.length > 0 ? half - 2 : half }, left, top);
  if (right.length > 0) drawLines(canvas, { ...body, x: body.x + half, width: body.width - half }, right, top);
  const part = longest > body.height ? ` ${top + 1}–${Math.min(longest, top + body.height)} of ${longest} ` : '';
  putSpans(
    cells,
    rect.x + 1,
    rect.y,
    [
      [`${glyphOf(standing)} `, toneOf(standing, palette)],
      [resource.name, model.focus === 'table' ? palette.accent : palette.strong],
      [`   ${facts.filter(Boolean).join(' · ')}`, palette.dim],
    ],
    rect.width - 2 - part.length,
  );
  put(cells, rect.x + rect.width - part.length, rect.y, part, palette.dim);
}
