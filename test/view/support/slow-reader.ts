// A real stream whose reader takes nothing until it is told to: back-pressure as a stopped pipe makes it.
import { Writable } from 'node:stream';

export interface SlowReader {
  readonly out: Writable;
  /** Everything read so far. */
  text(): string;
  /** Takes all there is now and whatever comes, until `stop`. */
  go(): void;
  stop(): void;
}

export function slowReader({ isStopped = true, highWaterMark = 1_024 } = {}): SlowReader {
  const taken: string[] = [];
  let stopped = isStopped;
  let held: (() => void) | null = null;
  const out = new Writable({
    highWaterMark,
    decodeStrings: false,
    write(chunk: string, _encoding, done) {
      const take = (): void => {
        taken.push(chunk);
        done();
      };
      if (stopped) held = take;
      else setImmediate(take);
    },
  });
  return {
    out,
    text: () => taken.join(''),
    go: () => {
      stopped = false;
      const take = held;
      held = null;
      take?.();
    },
    stop: () => {
      stopped = true;
    },
  };
}
