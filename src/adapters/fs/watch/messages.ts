// What the main thread and the watch worker say to each other. The worker has its own inotify queue: while the main loop
// is busy the kernel's would overflow, and libuv drops that news without a word (23,616 of 40,000 writes lost once).
import type { ConfirmedChange, WatchEvent, WatchPlan } from '../../../model/ports.ts';

export interface WorkerStart {
  readonly backend: 'chokidar' | 'directories';
  /** The index of a worker that died, to compare with: see snapshot.ts. */
  readonly snapshot: SharedArrayBuffer | null;
  readonly because: string | null;
}

export type ToWorker =
  | { readonly do: 'plan'; readonly plan: WatchPlan }
  | { readonly do: 'confirm'; readonly id: number; readonly paths: readonly string[] }
  | { readonly do: 'flush'; readonly id: number }
  /** The last `event` was taken: the next may come. Paths gather meanwhile, each once, so nothing piles up. */
  | { readonly do: 'more' };

export type FromWorker =
  | { readonly is: 'event'; readonly event: WatchEvent }
  | { readonly is: 'confirmed'; readonly id: number; readonly changes: readonly ConfirmedChange[] }
  | { readonly is: 'flushed'; readonly id: number }
  | { readonly is: 'snapshot'; readonly snapshot: SharedArrayBuffer };
