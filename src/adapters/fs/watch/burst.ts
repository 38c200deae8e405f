// Too many events at once, and some were lost: the kernel drops what does not fit its queue, and nobody is told.
import { readFileSync } from 'node:fs';
import { limits } from '../../../model/limits.ts';

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
    const isPast = inWindow === 0;
    inWindow = 0;
    windows++;
    timer = null;
    // One that goes on is looked into now and then; it is forgotten only when it is past, however slowly we take it in.
    if (count > most && (isPast || windows >= 10)) over(count);
    else if (!isPast) return arm();
    count = 0;
    windows = 0;
  };
  const arm = () => {
    // In the turn after the timer: behind a busy spell it fires before the events that wait are taken in.
    timer = setTimeout(() => setImmediate(look), limits.watchBurstQuietMs);
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
