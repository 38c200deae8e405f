// Lines on their way in: numbered, kept, and told in batches.
import { Subject } from 'rxjs';
import type { LogLevel, LogLine, LogOrigin } from '../model/log.ts';
import type { Scrub } from './scrub/scrub.ts';
import type { Shelves } from './shelves.ts';

export class Intake {
  readonly lines$ = new Subject<readonly LogLine[]>();
  /** The number of the newest line. */
  last = 0;
  private readonly shelves: Shelves;
  private fresh: LogLine[] = [];

  constructor(shelves: Shelves) {
    this.shelves = shelves;
  }

  /** `text` is as it is to be shown. `at`: ms since the epoch. */
  add(origin: LogOrigin, level: LogLevel, text: string, at: number): void {
    // Written out: spreading the origin costs 5 µs a line.
    const { resource, source, pod, container, run } = origin;
    const line: LogLine = { resource, source, pod, container, run, seq: ++this.last, at, level, text };
    this.shelves.add(line);
    // Told in the next turn: a reader never runs inside of a write, and a burst is one batch.
    if (this.fresh.push(line) === 1) setImmediate(this.tell);
  }

  /** What has not been told yet is changed with the rest. */
  scrub(scrub: Scrub): void {
    this.shelves.scrub(scrub);
    this.fresh = this.fresh.map((line) => ({ ...line, text: scrub(line.text) }));
  }

  close(): void {
    this.tell();
    this.lines$.complete();
  }

  private readonly tell = (): void => {
    const lines = this.fresh;
    this.fresh = [];
    if (lines.length > 0) this.lines$.next(lines);
  };
}
