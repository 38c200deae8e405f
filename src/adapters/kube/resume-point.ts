// Where a log was when its connection broke. The API cuts `sinceTime` to whole seconds, so a resumed log repeats lines;
// they are told from new ones by their timestamps (nanoseconds, given by the container runtime). Pure.
import { limits } from '../../model/limits.ts';

/** stdout and stderr are stamped by two threads: lines may be out of order by microseconds, never by this much. */
const windowUs = 50_000;

export interface Stamp {
  /** As it stands in the log: RFC 3339 with nanoseconds. */
  readonly text: string;
  /** µs since the epoch. */
  readonly us: number;
}

export function readStamp(text: string): Stamp | null {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(text);
  if (!match) return null;
  const seconds = Date.parse(`${match[1]}${match[3]}`);
  if (Number.isNaN(seconds)) return null;
  const fraction = Number((match[2] ?? '').padEnd(6, '0').slice(0, 6));
  return { text, us: seconds * 1_000 + fraction };
}

/** Lines with one timestamp are counted: a busy program may write two in the same tick of the clock. */
type Window = { readonly fromUs: number; readonly counts: Map<string, number> };

export class ResumePoint {
  private older: Window = { fromUs: 0, counts: new Map() };
  private newer: Window = { fromUs: 0, counts: new Map() };
  private newest: Stamp | null = null;
  private repeats: Map<string, number> | null = null;
  private repeatsUntilUs = 0;

  /** Value for `sinceTime`, a little before the newest line; null before the first line. */
  get since(): string | null {
    return this.newest && new Date((this.newest.us - windowUs) / 1_000).toISOString();
  }

  /** To be called before reading a resumed log. */
  resume(): void {
    this.repeats = new Map(this.older.counts);
    for (const [stamp, count] of this.newer.counts) this.repeats.set(stamp, (this.repeats.get(stamp) ?? 0) + count);
    this.repeatsUntilUs = this.newest?.us ?? 0;
  }

  /** True when this line was not seen before; it counts as seen from now on. */
  isNew(stamp: Stamp): boolean {
    if (this.isRepeat(stamp)) return false;
    if (this.newest === null || stamp.us > this.newest.us) this.newest = stamp;
    if (stamp.us - this.newer.fromUs > windowUs || this.newer.counts.size >= limits.logResumeStamps) {
      this.older = this.newer;
      this.newer = { fromUs: stamp.us, counts: new Map() };
    }
    this.newer.counts.set(stamp.text, (this.newer.counts.get(stamp.text) ?? 0) + 1);
    return true;
  }

  private isRepeat(stamp: Stamp): boolean {
    if (!this.repeats) return false;
    if (stamp.us > this.repeatsUntilUs + windowUs) {
      this.repeats = null;
      return false;
    }
    if (stamp.us < this.older.fromUs) return true;
    const left = this.repeats.get(stamp.text) ?? 0;
    if (left > 0) this.repeats.set(stamp.text, left - 1);
    return left > 0;
  }
}
