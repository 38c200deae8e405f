// Layers on their way to or from a registry as one line of progress: how much of how much.
import type { PushEvent } from '../../../model/ports.ts';

type Progress = Extract<PushEvent, { is: 'progress' }>;

/** Folds the events of one push, or of what a build loads and unpacks, into the line that stands now; empty where an event says nothing of bytes. */
export function transfers(doing: 'push' | 'load' | 'pull'): (event: Progress) => string {
  const layers = new Map<string, { readonly current: number; readonly total: number; readonly isDone: boolean }>();
  return ({ id, bytes }) => {
    if (!bytes) return '';
    const before = layers.get(id);
    // Totals come late, are left out at the end, and an unpacking after the load counts from nought again.
    const total = Math.max(bytes.total, before?.total ?? 0);
    const isDone = bytes.isDone || (before?.isDone ?? false);
    layers.set(id, { current: isDone ? total : Math.max(bytes.current, before?.current ?? 0), total, isDone });
    const all = [...layers.values()];
    const sum = (of: 'current' | 'total') => all.reduce((size, layer) => size + layer[of], 0);
    const done = all.filter((layer) => layer.isDone).length;
    const size = sum('total') >= 100_000 ? `${megabytes(sum('current'))} of ${megabytes(sum('total'))} MB, ` : '';
    return `${doing}: ${size}${done} of ${all.length} layers`;
  };
}

const megabytes = (bytes: number): string => (bytes / 1_000_000).toFixed(1);
