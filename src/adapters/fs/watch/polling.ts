// What gives no events is looked at again and again, never using more than a tenth of the time.
import { limits } from '../../../model/limits.ts';

export interface Polling {
  /** A directory alone, or with all below it. */
  add(dir: string, deep: boolean): void;
  remove(dir: string): void;
  /** Is no directory polled because watching it failed? */
  readonly hasFailed: boolean;
  /** Looks at everything polled, now. */
  pass(): Promise<void>;
  clear(): void;
}

export function createPolling(look: (dir: string, deep: boolean) => Promise<void>): Polling {
  const polled = new Map<string, boolean>();
  let timer: NodeJS.Timeout | null = null;
  const pass = async () => {
    for (const [dir, deep] of [...polled]) await look(dir, deep);
  };
  const next = (ms: number) => {
    timer = setTimeout(async () => {
      const start = performance.now();
      await pass();
      if (timer) next(Math.max(limits.pollMs, (performance.now() - start) * 10));
    }, ms);
  };
  return {
    add: (dir, deep) => {
      polled.set(dir, deep || (polled.get(dir) ?? false));
      if (!timer) next(limits.pollMs);
    },
    remove: (dir) => void polled.delete(dir),
    get hasFailed() {
      return [...polled.values()].includes(false);
    },
    pass,
    clear: () => {
      polled.clear();
      if (timer) clearTimeout(timer);
      timer = null;
    },
  };
}
