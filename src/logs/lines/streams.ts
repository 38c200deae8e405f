// Output still on its way to being lines: one assembler per origin, and what to do with a line that does not end.
import { limits } from '../../model/limits.ts';
import type { LogOrigin } from '../../model/log.ts';
import { type AssembledLine, type Assembler, lineAssembler } from './assembler.ts';

interface Stream {
  readonly key: string;
  readonly origin: LogOrigin;
  readonly assembler: Assembler;
  at: number;
  /** On the clock of `performance`, so that a jump of the wall clock holds nothing back. */
  writtenAt: number;
  /** When the line under way began or was last put into the log, how long until it is again, and as what it stands there. */
  shownAt: number;
  pauseMs: number;
  shown: string | null;
}

export interface Streams {
  write(origin: LogOrigin, chunk: Uint8Array | string, at: number, missing?: number): void;
  end(origin: LogOrigin, at: number): void;
  /** Ends all lines under way. */
  close(): void;
}

const unshown = { shownAt: 0, pauseMs: limits.logPartialMs, shown: null };

const keyOf = (origin: LogOrigin): string =>
  JSON.stringify([origin.resource, origin.source, origin.pod, origin.container, origin.run]);

export interface StreamsTo {
  /** A line, for good; of one that is drawn over and over, what it is at that moment. */
  readonly emit: (origin: LogOrigin, line: AssembledLine, at: number) => void;
  /** A drawn line as it changes, at most once in limits.logPartialMs. */
  readonly draw: (origin: LogOrigin, line: AssembledLine) => void;
}

class OpenStreams implements Streams {
  private readonly to: StreamsTo;
  private readonly byKey = new Map<string, Stream>();
  // A tail passes the same object with each line: making the key would cost more than the rest.
  private readonly byOrigin = new WeakMap<LogOrigin, Stream>();
  private readonly waiting = new Set<Stream>();
  private timer: NodeJS.Timeout | null = null;

  constructor(to: StreamsTo) {
    this.to = to;
  }

  write(origin: LogOrigin, chunk: Uint8Array | string, at: number, missing?: number): void {
    const stream = this.open(origin);
    stream.at = at;
    for (const line of stream.assembler.add(chunk, missing)) this.complete(stream, line);
    if (!stream.assembler.waits) {
      this.waiting.delete(stream);
      return;
    }
    stream.writtenAt = performance.now();
    if (!this.waiting.has(stream)) Object.assign(stream, unshown, { shownAt: stream.writtenAt });
    this.waiting.add(stream);
    this.arm();
  }

  end(origin: LogOrigin, at: number): void {
    const stream = this.byKey.get(keyOf(origin));
    if (!stream) return;
    stream.at = at;
    this.drop(stream);
  }

  close(): void {
    for (const stream of this.byKey.values()) this.flush(stream);
    this.byKey.clear();
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
  }

  private open(origin: LogOrigin): Stream {
    const { byKey, byOrigin } = this;
    const remembered = byOrigin.get(origin);
    if (remembered && byKey.get(remembered.key) === remembered) return remembered;
    const key = keyOf(origin);
    const known = byKey.get(key);
    if (known) {
      byOrigin.set(origin, known);
      return known;
    }
    const [oldest] = byKey.values();
    if (oldest && byKey.size >= limits.logOrigins) this.drop(oldest);
    const stream = { key, origin, assembler: lineAssembler(), at: 0, writtenAt: 0, ...unshown };
    byKey.set(key, stream);
    byOrigin.set(origin, stream);
    return stream;
  }

  /** What is in the log as it stands already is not repeated. */
  private complete(stream: Stream, line: AssembledLine): void {
    if (line.text !== stream.shown) this.to.emit(stream.origin, line, stream.at);
    stream.shown = null;
  }

  private flush(stream: Stream): void {
    this.waiting.delete(stream);
    const line = stream.assembler.flush();
    if (line) this.complete(stream, line);
  }

  private drop(stream: Stream): void {
    this.flush(stream);
    this.byKey.delete(stream.key);
  }

  private arm(): void {
    if (this.timer || this.waiting.size === 0) return;
    this.timer = setTimeout(() => this.look(), limits.logPartialMs).unref();
  }

  private look(): void {
    this.timer = null;
    const now = performance.now();
    for (const stream of this.waiting) this.show(stream, now);
    this.arm();
  }

  /** Few lines for what is drawn over and over; pieces, each later than the one before, of what only grows. */
  private show(stream: Stream, now: number): void {
    const drawn = stream.assembler.drawn();
    if (drawn) this.to.draw(stream.origin, drawn);
    const silence = now - stream.writtenAt;
    const isDue = now - stream.shownAt >= stream.pauseMs;
    // What one write holds comes in one go: a growing line is cut between writes alone, lest it be in mid-word.
    if (!drawn && (silence >= limits.logPartialMs || (isDue && silence >= limits.logPieceMs))) this.flush(stream);
    if (!isDue) return;
    stream.shownAt = now;
    stream.pauseMs = Math.min(limits.logDrawnMaxMs, stream.pauseMs * 1.5);
    if (drawn && drawn.text !== stream.shown) this.to.emit(stream.origin, drawn, stream.at);
    stream.shown = drawn?.text ?? null;
  }
}

export const streams = (to: StreamsTo): Streams => new OpenStreams(to);
