// Images of one resource made side by side: each as soon as those that it is built from are made, a chain in order and once.
import { isAbort } from '../../model/problems/problem.ts';
import { onAbort } from '../../operators/promises/on-abort.ts';

/** What may be made at once by all who share it, first come, first served. */
export class Places {
  private taken = 0;
  private readonly waiting: (() => void)[] = [];

  /** `most`: how many there are by now; the configuration may change it. */
  async during<T>(most: number, stop: AbortSignal, make: () => Promise<T>): Promise<T> {
    while (this.taken >= most && !stop.aborted) await this.turn(stop);
    if (stop.aborted) {
      // The place that this one was called for is another's.
      if (this.taken < most) this.waiting.shift()?.();
      stop.throwIfAborted();
    }
    this.taken++;
    try {
      return await make();
    } finally {
      this.taken--;
      this.waiting.shift()?.();
    }
  }

  private turn(stop: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const go = (): void => {
        off();
        const at = this.waiting.indexOf(go);
        if (at >= 0) this.waiting.splice(at, 1);
        resolve();
      };
      const off = onAbort(stop, go);
      this.waiting.push(go);
    });
  }
}

export interface Part {
  readonly name: string;
  /** Names of others that must be made before it; those that are none of the parts are there already. */
  readonly from: readonly string[];
}

/**
 * Resolves when all are made. The first that fails stops the others, and rejects with its error once they have ended: nothing
 * goes on behind. `parts` name no circle.
 */
export async function sideBySide<P extends Part>(
  parts: readonly P[],
  stop: AbortSignal,
  make: (part: P, stop: AbortSignal) => Promise<void>,
): Promise<void> {
  const fault = new AbortController();
  const signal = AbortSignal.any([stop, fault.signal]);
  const made = new Map<string, Promise<void>>();
  const errors: unknown[] = [];
  const begin = (part: P): Promise<void> => {
    const known = made.get(part.name);
    if (known) return known;
    const bases = parts.filter(({ name }) => part.from.includes(name) && name !== part.name);
    const mine = Promise.all(bases.map(begin)).then(async () => {
      signal.throwIfAborted();
      await make(part, signal);
    });
    made.set(part.name, mine);
    mine.catch((error) => {
      errors.push(error);
      fault.abort();
    });
    return mine;
  };
  await Promise.allSettled(parts.map(begin));
  if (errors.length === 0) return;
  throw stop.aborted ? errors[0] : (errors.find((error) => !isAbort(error)) ?? errors[0]);
}
