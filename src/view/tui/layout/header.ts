// The first line: what this session is and how it stands. What matters least goes first where there is no room.
import type { Health } from '../../../model/public-state.ts';
import { countsOf, glyphOf } from '../lists/row-status.ts';
import { resourcesOf } from '../lists/rows.ts';
import type { Model } from '../model.ts';
import { putSpans, type Rect, type Span } from '../paint/cells.ts';
import { widthOf } from '../paint/columns.ts';
import type { Palette } from '../paint/palette.ts';
import type { Canvas } from './canvas.ts';

interface Part {
  readonly spans: readonly Span[];
  /** The lowest goes first. */
  readonly weight: number;
}

const widthOfSpans = (spans: readonly Span[]): number => spans.reduce((sum, [text]) => sum + widthOf(text), 0);

function health(name: string, health: Health, palette: Palette): readonly Span[] {
  if (health.status === 'off' || health.status === 'unknown') return [];
  const [glyph, tone] = health.ok
    ? ['●', palette.ok]
    : health.status === 'starting'
      ? ['◔', palette.busy]
      : ['✗', palette.bad];
  return [
    [`${name} `, palette.dim],
    [glyph, tone],
  ];
}

function counts(model: Model, palette: Palette): readonly Span[] {
  const { failed, busy, ok } = countsOf(resourcesOf(model.state));
  const spans: Span[] = [];
  if (failed > 0) spans.push([`${glyphOf('failed')} ${failed} `, palette.bad]);
  if (busy > 0) spans.push([`${glyphOf('busy')} ${busy} `, palette.busy]);
  if (ok > 0) spans.push([`${glyphOf('ok')} ${ok} `, palette.ok]);
  return spans.map(([text, tone], i) => [i === spans.length - 1 ? text.trimEnd() : text, tone]);
}

function changes(model: Model, palette: Palette): readonly Span[] {
  const { seen, live } = model.state!.changes;
  if (seen === 0) return [];
  if (live >= seen) {
    return [
      [`save ${seen} `, palette.dim],
      ['live', palette.ok],
    ];
  }
  return [
    [`save ${seen} `, palette.dim],
    [`· ${seen - live} behind`, palette.warn],
  ];
}

function phase(model: Model, palette: Palette): readonly Span[] {
  const { phase, git } = model.state!;
  if (phase === 'draining') return [['stopping …', palette.warn]];
  if (git.held) return [[`held: ${git.because}`, palette.warn]];
  return phase === 'starting' ? [['starting …', palette.busy]] : [];
}

function parts(model: Model, palette: Palette): readonly Part[] {
  const state = model.state;
  if (!state) return [];
  const { context, namespace } = state.cluster;
  const place: Span = [namespace ? `${context} / ${namespace}` : context, palette.text];
  const cluster: readonly Span[] =
    context && state.cluster.status !== 'off'
      ? [place, [' ', palette.text], ...health('', state.cluster, palette).slice(1)]
      : [];
  const usage: readonly Span[] = model.usage ? [[`cpu ${model.usage.cpu}%  ${model.usage.rss}M`, palette.dim]] : [];
  return [
    { spans: phase(model, palette), weight: 9 },
    { spans: counts(model, palette), weight: 8 },
    { spans: changes(model, palette), weight: 7 },
    { spans: cluster, weight: 6 },
    { spans: health('docker', state.docker, palette), weight: 5 },
    { spans: usage, weight: 1 },
  ].filter((part) => part.spans.length > 0);
}

export function drawHeader({ cells, palette }: Canvas, rect: Rect, model: Model): void {
  const left: readonly Span[] = [
    [' sluice', palette.accent],
    [`  ${model.title}`, palette.strong],
  ];
  let shown = parts(model, palette);
  const width = () => shown.reduce((sum, part) => sum + widthOfSpans(part.spans) + 3, 0);
  const least = () => Math.min(...shown.map((part) => part.weight));
  while (shown.length > 1 && width() + Math.min(widthOfSpans(left), 20) + 1 > rect.width) {
    const dropped = least();
    shown = shown.filter((part) => part.weight !== dropped);
  }
  const from = Math.max(0, rect.width - width() + 1);
  putSpans(cells, rect.x, rect.y, left, from - 1);
  let x = from;
  for (const part of shown) x = putSpans(cells, x, rect.y, part.spans) + 3;
}
