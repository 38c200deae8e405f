// What lies over the screen: help, the palette and other lists, problems, a question.
import { helpLines } from '../keys/help.ts';
import { matching } from '../lists/choices.ts';
import { placeOf, troublesOf } from '../lists/problems.ts';
import type { Model, Overlay } from '../model.ts';
import { fill, put, putSpans, type Rect, restyle } from '../paint/cells.ts';
import { widthOf } from '../paint/columns.ts';
import { scrolledTo } from '../paint/panes.ts';
import type { Canvas } from './canvas.ts';
import { wrapped } from './prose.ts';

/** A frame in the middle with a title; returns what is inside it. */
function box({ cells, palette, hits }: Canvas, title: string, width: number, height: number): Rect {
  const w = Math.min(cells.width - 2, width);
  const h = Math.min(cells.height - 2, height);
  const x = Math.floor((cells.width - w) / 2);
  const y = Math.max(1, Math.floor((cells.height - h) / 3));
  const rect = { x, y, width: w, height: h };
  hits.push({ rect: { x: 0, y: 0, width: cells.width, height: cells.height }, left: { is: 'close overlay' } });
  hits.push({ rect, left: { is: 'do', effects: [], notice: null } });
  fill(cells, rect, ' ', palette.text);
  put(cells, x, y, `╭${'─'.repeat(w - 2)}╮`, palette.dim);
  for (let row = 1; row < h - 1; row++) {
    put(cells, x, y + row, '│', palette.dim);
    put(cells, x + w - 1, y + row, '│', palette.dim);
  }
  put(cells, x, y + h - 1, `╰${'─'.repeat(w - 2)}╯`, palette.dim);
  put(cells, x + 2, y, ` ${title} `, palette.strong, w - 4);
  return { x: x + 2, y: y + 1, width: w - 4, height: h - 2 };
}

function drawHelp(canvas: Canvas, model: Model, top: number): void {
  const { cells, palette } = canvas;
  const lines = helpLines(model);
  const inner = box(canvas, 'keys', 74, lines.length + 2);
  const keys = Math.max(...lines.map((line) => ('keys' in line ? widthOf(line.keys) : 0)));
  const from = Math.min(top, Math.max(0, lines.length - inner.height));
  for (const [i, line] of lines.slice(from, from + inner.height).entries()) {
    const y = inner.y + i;
    if ('head' in line) put(cells, inner.x, y, line.head, palette.strong, inner.width);
    else {
      put(cells, inner.x + 2, y, line.keys, palette.busy, keys);
      put(cells, inner.x + keys + 4, y, line.title, palette.text, inner.width - keys - 4);
    }
  }
  const more = lines.length - from - inner.height;
  if (more > 0) put(cells, inner.x + inner.width - 12, inner.y + inner.height, ` ${more} more ↓ `, palette.dim);
}

function drawChoose(canvas: Canvas, overlay: Extract<Overlay, { is: 'choose' }>): void {
  const { cells, palette, hits } = canvas;
  const choices = matching(overlay);
  const inner = box(canvas, overlay.title, 72, Math.min(overlay.choices.length, 16) + 4);
  putSpans(
    cells,
    inner.x,
    inner.y,
    [
      ['› ', palette.accent],
      [overlay.query, palette.text],
      [' ', palette.bar(palette.text, true)],
    ],
    inner.width,
  );
  const visible = inner.height - 2;
  const top = scrolledTo(0, overlay.index, visible, choices.length);
  if (choices.length === 0) put(cells, inner.x + 2, inner.y + 2, 'nothing of that name', palette.dim, inner.width - 2);
  for (const [i, choice] of choices.slice(top, top + visible).entries()) {
    const y = inner.y + 2 + i;
    const detail = Math.min(widthOf(choice.detail), Math.floor(inner.width / 2));
    put(cells, inner.x + 2, y, choice.label, palette.text, inner.width - detail - 4);
    put(cells, inner.x + inner.width - detail, y, choice.detail, palette.dim, detail);
    if (top + i === overlay.index) restyle(cells, inner.x, y, inner.width, (style) => palette.bar(style, true));
    hits.push({ rect: { x: inner.x, y, width: inner.width, height: 1 }, left: { is: 'pick', index: top + i } });
  }
}

function drawProblems(canvas: Canvas, model: Model, index: number): void {
  const { cells, palette, hits } = canvas;
  const troubles = troublesOf(model.state);
  const width = Math.min(cells.width - 2, 110);
  const blocks = troubles.map((trouble) => {
    const place = placeOf(trouble.problem, model.dir);
    const head = `${trouble.where}${place ? `  ${place}` : ''}  ${trouble.problem.code}`;
    return {
      head,
      text: [
        ...wrapped(trouble.problem.what, width - 8).slice(0, 4),
        ...wrapped(trouble.problem.hint ? `hint: ${trouble.problem.hint}` : '', width - 8).slice(0, 3),
      ],
    };
  });
  const heights = blocks.map((block) => block.text.length + 2);
  const inner = box(
    canvas,
    `problems (${troubles.length})  ⏎ go there  e edit  esc close`,
    width,
    heights.reduce((a, b) => a + b, 0) + 2 || 5,
  );
  if (blocks.length === 0) put(cells, inner.x, inner.y + 1, 'nothing is wrong', palette.ok);
  // The chosen one is the first shown once all before it do not fit.
  let from = 0;
  while (heights.slice(from, index + 1).reduce((a, b) => a + b, 0) > inner.height && from < index) from++;
  let y = inner.y;
  for (let i = from; i < blocks.length && y < inner.y + inner.height; i++) {
    const block = blocks[i]!;
    put(cells, inner.x, y, `✗ ${block.head}`, palette.bad, inner.width);
    if (i === index) restyle(cells, inner.x, y, inner.width, (style) => palette.bar(style, true));
    hits.push({ rect: { x: inner.x, y, width: inner.width, height: heights[i]! }, left: { is: 'pick', index: i } });
    for (const [k, text] of block.text.entries()) {
      if (y + 1 + k < inner.y + inner.height)
        put(cells, inner.x + 2, y + 1 + k, text, text.startsWith('hint:') ? palette.ok : palette.text, inner.width - 2);
    }
    y += heights[i]!;
  }
}

function drawConfirm(canvas: Canvas, overlay: Extract<Overlay, { is: 'confirm' }>): void {
  const { cells, palette, hits } = canvas;
  const width = Math.min(cells.width - 2, Math.max(widthOf(overlay.question), widthOf(overlay.detail), 24) + 4);
  const detail = wrapped(overlay.detail, width - 4);
  const question = wrapped(overlay.question, width - 4);
  const inner = box(canvas, 'sure?', width, question.length + detail.length + 4);
  let y = inner.y;
  for (const text of question) put(cells, inner.x, y++, text, palette.strong, inner.width);
  for (const text of detail) put(cells, inner.x, y++, text, palette.dim, inner.width);
  const yes = putSpans(cells, inner.x, y + 1, [
    ['y', palette.bad],
    [' yes', palette.text],
  ]);
  const no = putSpans(cells, yes + 3, y + 1, [
    ['n', palette.strong],
    [' no', palette.text],
  ]);
  hits.push({ rect: { x: inner.x, y: y + 1, width: yes - inner.x, height: 1 }, left: { is: 'key', key: 'y' } });
  hits.push({ rect: { x: yes + 3, y: y + 1, width: no - yes - 3, height: 1 }, left: { is: 'key', key: 'n' } });
}

export function drawOverlay(canvas: Canvas, overlay: Overlay, model: Model): void {
  switch (overlay.is) {
    case 'help':
      drawHelp(canvas, model, overlay.top);
      break;
    case 'choose':
      drawChoose(canvas, overlay);
      break;
    case 'problems':
      drawProblems(canvas, model, overlay.index);
      break;
    case 'confirm':
      drawConfirm(canvas, overlay);
      break;
  }
}
