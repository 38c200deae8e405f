// The last line: the keys that do something now, or what just happened, or the search field.
import { commands } from '../commands.ts';
import { keyLabel } from '../keys/keymap.ts';
import type { Model } from '../model.ts';
import { fill, put, putSpans, type Rect } from '../paint/cells.ts';
import { widthOf } from '../paint/columns.ts';
import type { Canvas } from './canvas.ts';
import { matchCount } from './logpane.ts';

function drawSearch({ cells, palette }: Canvas, rect: Rect, query: string, model: Model): void {
  const count = query === '' ? 'a regular expression; small letters find both cases' : matchCount(model);
  const field = rect.width - Math.min(widthOf(count), Math.floor(rect.width / 2)) - 6;
  // The end of a long query is what is being typed.
  const shown = Array.from(query).slice(-Math.max(1, field)).join('');
  const x = putSpans(cells, 0, rect.y, [
    [' /', palette.accent],
    [shown, palette.text],
    [' ', palette.bar(palette.text, true)],
  ]);
  put(cells, x + 2, rect.y, count, palette.dim);
}

function drawKeys(canvas: Canvas, rect: Rect, from: number, model: Model): void {
  const { cells, palette, hits } = canvas;
  const shown = commands.flatMap((command) => {
    if (model.log.copy && command.id !== 'copy' && command.id !== 'back') return [];
    const key = model.keymap.byId.get(command.id)?.[0];
    const label = key === undefined ? null : (command.footer?.(model) ?? null);
    return label === null ? [] : [{ id: command.id, key: keyLabel(key!), label }];
  });
  // The last ones (help, quit) are always there; what does not fit is left out before them.
  const width = (item: { key: string; label: string }) => widthOf(item.key) + widthOf(item.label) + 3;
  const kept = shown.slice(-3);
  let room = rect.width - from - kept.reduce((sum, item) => sum + width(item), 0);
  const first = shown.slice(0, -3).filter((item) => {
    if (width(item) > room) return false;
    room -= width(item);
    return true;
  });
  let x = from;
  for (const item of [...first, ...kept]) {
    const end = putSpans(cells, x, rect.y, [
      [item.key, palette.strong],
      [` ${item.label}`, palette.dim],
    ]);
    hits.push({ rect: { x, y: rect.y, width: end - x, height: 1 }, left: { is: 'command', id: item.id } });
    x = end + 2;
  }
}

export function drawFooter(canvas: Canvas, rect: Rect, model: Model): void {
  const { cells, palette } = canvas;
  fill(cells, rect, ' ', palette.text);
  if (model.overlay?.is === 'search') {
    drawSearch(canvas, rect, model.overlay.query, model);
    return;
  }
  let from = 1;
  if (model.marked.size > 0) from = put(cells, from, rect.y, `${model.marked.size} marked`, palette.accent) + 2;
  if (model.notice) {
    const tone = model.notice.tone === 'bad' ? palette.bad : palette.ok;
    from = put(cells, from, rect.y, model.notice.text, tone, Math.floor(rect.width * 0.6)) + 3;
  }
  drawKeys(canvas, rect, from, model);
}
