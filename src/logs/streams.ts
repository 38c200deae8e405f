// Output still on its way to being lines: one assembler per origin, and what to do with a line that does not end.
import { limits } from '../model/limits.ts';
import type { LogOrigin } from '../model/log.ts';
import { type AssembledLine, type Assembler, lineAssembler } from './assembler.ts';

interface Stream {
  readonly key: string;
  readonly origin: LogOrigin;
  readonly assembler: Assembler;
  at: number;
  /** On the clock of `performance`, so that a jump of the wall clock holds nothing back. */
  writtenAt: number;
}

export interface Streams {
  write(origin: LogOrigin, chunk: Uint8Array | string, at: number): void;
  end(origin: LogOrigin, at: number): void;
  /** Ends all lines under way. */
  close(): void;
}

const keyOf = (it: LogOrigin): string => JSON.stringify([it.resource, it.source, it.pod, it.container, it.run]);

export function streams(emit: (origin: LogOrigin, line: AssembledLine, at: number) => void): Streams {
  const byKey = new Map<string, Stream>();
  // A tail passes the same object with each line: making the key would cost more than the rest.
  const byOrigin = new WeakMap<LogOrigin, Stream>();
  const waiting = new Set<Stream>();
  let timer: NodeJS.Timeout | null = null;
  const flush = (stream: Stream): void => {
    waiting.delete(stream);
    const line = stream.assembler.flush();
    if (line) emit(stream.origin, line, stream.at);
  };
  const drop = (stream: Stream): void => {
    flush(stream);
    byKey.delete(stream.key);
  };
  const look = (): void => {
    timer = null;
    const due = performance.now() - limits.logPartialMs;
    for (const stream of waiting) if (stream.writtenAt <= due) flush(stream);
    arm();
  };
  const arm = (): void => {
    if (timer || waiting.size === 0) return;
    timer = setTimeout(look, limits.logPartialMs);
    timer.unref();
  };
  const open = (origin: LogOrigin): Stream => {
    const remembered = byOrigin.get(origin);
    if (remembered && byKey.get(remembered.key) === remembered) return remembered;
    const key = keyOf(origin);
    const known = byKey.get(key);
    if (known) {
      byOrigin.set(origin, known);
      return known;
    }
    const [oldest] = byKey.values();
    if (oldest && byKey.size >= limits.logOrigins) drop(oldest);
    const stream = { key, origin, assembler: lineAssembler(), at: 0, writtenAt: 0 };
    byKey.set(key, stream);
    byOrigin.set(origin, stream);
    return stream;
  };
  return {
    write: (origin, chunk, at) => {
      const stream = open(origin);
      stream.at = at;
      for (const line of stream.assembler.add(chunk)) emit(stream.origin, line, at);
      if (!stream.assembler.waits) {
        waiting.delete(stream);
        return;
      }
      stream.writtenAt = performance.now();
      waiting.add(stream);
      arm();
    },
    end: (origin, at) => {
      const stream = byKey.get(keyOf(origin));
      if (!stream) return;
      stream.at = at;
      drop(stream);
    },
    close: () => {
      for (const stream of byKey.values()) flush(stream);
      byKey.clear();
      if (timer) clearTimeout(timer);
      timer = null;
    },
  };
}
