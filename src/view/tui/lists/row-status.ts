// How a resource stands, in one glyph and a few words: what the table shows and the counts are made of.
import type { PublicResource } from '../../../model/public-state.ts';
import { doneBefore, holdOf } from '../../wording.ts';
import { age, duration, seconds } from '../duration.ts';
import type { Palette } from '../paint/palette.ts';
import type { Style } from '../paint/style.ts';

export type RowStatus = 'off' | 'idle' | 'waiting' | 'busy' | 'starting' | 'ok' | 'failed' | 'cancelled';

export function rowStatusOf(resource: PublicResource): RowStatus {
  const { update, runtime } = resource;
  if (!resource.enabled) return 'off';
  if (update.status === 'running') return 'busy';
  if (update.status === 'failed' || runtime.status === 'failed') return 'failed';
  if (update.status === 'held' || update.status === 'pending') return 'waiting';
  if (update.status === 'cancelled') return 'cancelled';
  if (runtime.status === 'pending') return 'starting';
  if (runtime.status === 'ready' || runtime.status === 'done') return 'ok';
  return update.status === 'ok' ? 'ok' : 'idle';
}

const glyphs: Record<RowStatus, string> = {
  off: '○',
  idle: '·',
  waiting: '◌',
  busy: '◐',
  starting: '◔',
  ok: '●',
  failed: '✗',
  cancelled: '⊘',
};

export const glyphOf = (standing: RowStatus): string => glyphs[standing];

export function toneOf(standing: RowStatus, palette: Palette): Style {
  switch (standing) {
    case 'ok':
      return palette.ok;
    case 'failed':
      return palette.bad;
    case 'busy':
    case 'starting':
      return palette.busy;
    case 'waiting':
    case 'cancelled':
      return palette.warn;
    default:
      return palette.dim;
  }
}

/** What is left of a running update: `~4s left`, `12s` without an estimate, `+3s` beyond it. */
export function etaOf(resource: PublicResource, now: number): string {
  const { startedAt, estimate } = resource.update;
  if (startedAt === undefined) return '';
  const passed = now - startedAt;
  if (estimate === undefined) return seconds(passed);
  return passed <= estimate ? `~${seconds(estimate - passed)} left` : `${seconds(passed)}, late`;
}

/** The row names the resource already. */
const withoutName = (what: string, name: string): string =>
  what.startsWith(`${name}: `) ? what.slice(name.length + 2) : what;

/** The update in words; the most telling ones first, since the end may be cut. */
export function updateText(resource: PublicResource, now: number): string {
  if (!resource.enabled) return 'disabled';
  const text = updateWords(resource, now);
  return resource.trigger === 'manual' ? `manual${text ? `, ${text}` : ''}` : text;
}

function updateWords(resource: PublicResource, now: number): string {
  const { update } = resource;
  switch (update.status) {
    case 'none':
      return '';
    case 'pending':
      return resource.trigger === 'manual' ? 'changed' : 'pending';
    case 'held':
      return update.hold ? `${doneBefore(update.hold)}waits ${holdOf(update.hold)}` : 'waits';
    case 'running':
      return `${update.step ?? update.strategy ?? 'updating'}${progressOf(update)}  ${etaOf(resource, now)}`;
    case 'failed':
      return `failed: ${withoutName(update.problem?.what ?? 'no reason given', resource.name)}`;
    case 'cancelled':
      return 'cancelled';
    case 'ok': {
      const took =
        update.startedAt !== undefined && update.endedAt !== undefined
          ? ` in ${duration(update.endedAt - update.startedAt)}`
          : '';
      return `${update.strategy ?? 'updated'}${took}`;
    }
  }
}

export function runtimeText(resource: PublicResource): string {
  const { runtime } = resource;
  if (runtime.status === 'none' && runtime.text === '') return '';
  const text = runtime.text || runtime.status;
  if (runtime.pods.length < 2 || /\d\/\d/.test(text)) return text;
  return `${text} ${runtime.pods.filter((pod) => pod.ready).length}/${runtime.pods.length}`;
}

/** Is the newest save what runs? `live 3m`, `2 saves behind`. */
export function liveText(resource: PublicResource, now: number): string {
  const { changes, runtime, update } = resource;
  const behind = changes.behind ?? Math.max(changes.seen - changes.live, 0);
  if (behind > 0) return `${behind} ${behind === 1 ? 'save' : 'saves'} behind`;
  if (runtime.status !== 'ready' && runtime.status !== 'done') return '';
  const since = runtime.since ?? update.endedAt;
  return since === undefined ? 'live' : `live ${age(now - since)}`;
}

export interface Counts {
  readonly failed: number;
  readonly busy: number;
  readonly ok: number;
  readonly total: number;
}

export function countsOf(resources: readonly PublicResource[]): Counts {
  const standings = resources.map(rowStatusOf);
  const count = (...wanted: RowStatus[]) => standings.filter((standing) => wanted.includes(standing)).length;
  return { failed: count('failed'), busy: count('busy', 'starting'), ok: count('ok'), total: resources.length };
}

const progressOf = ({ progress }: PublicResource['update']): string => (progress ? ` · ${progress}` : '');
