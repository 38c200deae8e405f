// When to draw. A bucket of two frames, filled at the frame rate: what the user did takes one at once, what merely
// happened waits until one more is left. So a flood of log lines never makes a key wait, and the rate stays bounded.
import { limits } from '../../../model/limits.ts';

export interface Pacer {
  /** Asks for a frame: `urgent` where the user waits for it. */
  ask(urgent: boolean): void;
  stop(): void;
}

const bucket = 2;

export function pacer(draw: () => void): Pacer {
  let left = bucket;
  let counted = performance.now();
  let timer: NodeJS.Timeout | null = null;
  let soon: NodeJS.Immediate | null = null;
  const cancel = () => {
    if (timer) clearTimeout(timer);
    if (soon) clearImmediate(soon);
    timer = null;
    soon = null;
  };
  const fire = () => {
    cancel();
    left -= 1;
    draw();
  };
  const waitFor = (needed: number): number => {
    const now = performance.now();
    left = Math.min(bucket, left + (now - counted) / limits.frameMs);
    counted = now;
    return Math.ceil((needed - left) * limits.frameMs);
  };
  return {
    ask(urgent) {
      if (soon || (timer && !urgent)) return;
      const wait = waitFor(urgent ? 1 : bucket);
      cancel();
      if (wait > 0) timer = setTimeout(fire, wait);
      else soon = setImmediate(fire);
    },
    stop: cancel,
  };
}
