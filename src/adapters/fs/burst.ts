// Too many events at once, and some were lost: the kernel drops what does not fit its queue, and nobody is told.
import { readFileSync } from 'node:fs';
import { limits } from '../../model/limits.ts';

export interface Burst {
  event(): void;
  /** Some of the events so far may have been lost, and `over` was not called for it yet. */
  isSuspect(): boolean;
  stop(): void;
}

/** Calls `over` once a burst of events that may have overflowed is past, or has lasted ten times the quiet time. */
export function createBurst(over: (events: number) => void): Burst {
  const most = Math.min(limits.watchBurst, queued() / 2);
  let count = 0;
  let windows = 0;
  let inWindow = 0;
  let timer: NodeJS.Timeout | null = null;
  const look = () => {
    windows++;
    const isPast = inWindow === 0 || windows >= 10;
    inWindow = 0;
    timer = null;
    if (!isPast) return arm();
    if (count > most) over(count);
    count = 0;
    windows = 0;
  };
  const arm = () => {
    timer = setTimeout(look, limits.watchBurstQuietMs);
  };
  return {
    event: () => {
      count++;
      inWindow++;
      if (!timer) arm();
    },
    isSuspect: () => count > most,
    stop: () => {
      if (timer) clearTimeout(timer);
    },
  };
}

function queued(): number {
  try {
    return Number(readFileSync('/proc/sys/fs/inotify/max_queued_events', 'utf8')) || 16_384;
  } catch {
    return 16_384;
  }
}
