// Log lines on their way to a slow reader: beyond the bound the oldest go, and are counted.
import { limits } from '../model/limits.ts';

export interface BoundedQueue<T> {
  readonly length: number;
  push(item: T): void;
  shift(): T | undefined;
  /** How many were dropped since this was last asked. */
  takeDropped(): number;
  readonly hasDropped: boolean;
}

/** `size` in bytes or characters. */
export function boundedQueue<T>(size: (item: T) => number): BoundedQueue<T> {
  let items: T[] = [];
  let head = 0;
  let bytes = 0;
  let dropped = 0;
  const shift = (): T | undefined => {
    if (head === items.length) return undefined;
    const item = items[head++] as T;
    bytes -= size(item);
    // Moved down now and then, so that a queue that never empties does not grow.
    if (head > limits.streamQueue) {
      items = items.slice(head);
      head = 0;
    }
    return item;
  };
  return {
    get length() {
      return items.length - head;
    },
    push: (item) => {
      items.push(item);
      bytes += size(item);
      while (items.length - head > limits.streamQueue || (bytes > limits.streamQueueBytes && items.length - head > 1)) {
        shift();
        dropped++;
      }
    },
    shift,
    takeDropped: () => {
      const count = dropped;
      dropped = 0;
      return count;
    },
    get hasDropped() {
      return dropped > 0;
    },
  };
}
