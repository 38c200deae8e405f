// What both builders' streams of records are folded into: BuildKit's, which bear its own status, and the classic builder's
// ("Step 2/5 : RUN npm ci").
import { limits } from '../../../model/limits.ts';
import type { BuildEvent } from '../../../model/ports.ts';
import { BuildkitProgress, type FailedStep } from '../../buildkit/progress.ts';
import { LineTail, plain } from '../../registry/daemon-text.ts';
import type { StreamRecord } from '../images/json-lines.ts';
import { progressOf } from '../images/transfer.ts';

export interface BuildProgress {
  /** Throws a RangeError on a record that cannot be decoded. */
  read(record: StreamRecord): Iterable<BuildEvent>;
  /** Events owed when the stream ended: the state of the last step. */
  end(isOk: boolean): Iterable<BuildEvent>;
  failed(): FailedStep | null;
  /** Image id once the build succeeded. */
  built(): string | null;
  /** Containers of steps that run now. */
  containers(): readonly string[];
}

/** BuildKit tells the end of each step by itself, and runs them in no container of Docker's. */
export class TraceProgress implements BuildProgress {
  private readonly progress = new BuildkitProgress();
  private id: string | null = null;

  *read(record: StreamRecord): Generator<BuildEvent> {
    if (record.id === 'moby.image.id') this.id = (record.aux as { ID?: string } | null)?.ID ?? this.id;
    if (record.id !== 'moby.buildkit.trace' || typeof record.aux !== 'string') return;
    yield* this.progress.read(Buffer.from(record.aux, 'base64'));
  }

  failed(): FailedStep | null {
    return this.progress.failed();
  }

  built(): string | null {
    return this.id;
  }

  end(): Iterable<BuildEvent> {
    return [];
  }

  containers(): readonly string[] {
    return [];
  }
}

interface Step {
  readonly id: string;
  readonly name: string;
  readonly instruction: string;
  readonly tail: LineTail;
  readonly startedAt: number;
  isCached: boolean;
  /** Of a RUN: the first it names is the builder's word, what comes after that is the step's own output. */
  container: string | null;
}

export class ClassicProgress implements BuildProgress {
  private step: Step | null = null;
  private id: string | null = null;
  private error = '';

  *read(record: StreamRecord): Generator<BuildEvent> {
    if (record.error) this.error = plain(record.errorDetail?.message ?? record.error);
    this.id = (record.aux as { ID?: string } | null | undefined)?.ID ?? this.id;
    if (record.status) yield progressOf(record);
    // The output of a step comes in pieces that need not end with a line; the builder's own lines come whole.
    if (typeof record.stream === 'string') yield* this.line(record.stream);
  }

  private *line(whole: string): Generator<BuildEvent> {
    const begun = /^Step (\d+)\/(\d+) : ([\s\S]*)$/.exec(whole);
    const [, running] = /^ ---> Running in ([0-9a-f]{12,64})\s*$/.exec(whole) ?? [];
    if (begun) {
      yield* this.end(true);
      yield* this.begin(begun[1]!, begun[2]!, begun[3]!);
    } else if (running && this.step && this.step.container === null) this.step.container = running;
    else if (this.isRemoval(whole)) {
      // Said of the container of each RUN, also of one that failed.
    } else if (/^ ---> Using cache/.test(whole)) {
      if (this.step) this.step.isCached = true;
    } else if (!/^ ---> ([0-9a-f]{12})?\s*$|^\n$|^Successfully (built|tagged) /.test(whole)) {
      this.step?.tail.write(whole);
      yield { is: 'output', text: whole };
    }
  }

  /** Docker 29 puts an arrow before it. */
  private isRemoval(line: string): boolean {
    const [, removed] = /^(?: ---> Removed|Removing) intermediate container ([0-9a-f]{12,64})\s*$/.exec(line) ?? [];
    return removed !== undefined && removed === this.step?.container;
  }

  private *begin(id: string, count: string, text: string): Generator<BuildEvent> {
    const name = plain(`[${id}/${count}] ${text}`);
    const tail = new LineTail(limits.problemLogLines);
    this.step = {
      id,
      name,
      instruction: plain(text),
      tail,
      startedAt: performance.now(),
      isCached: false,
      container: null,
    };
    yield { is: 'step', id, name, state: 'started' };
  }

  *end(isOk: boolean): Generator<BuildEvent> {
    if (!this.step) return;
    const { id, name, startedAt, isCached } = this.step;
    const state = !isOk ? 'failed' : isCached ? 'cached' : 'done';
    yield { is: 'step', id, name, state, ms: Math.round(performance.now() - startedAt) };
  }

  failed(): FailedStep | null {
    if (!this.step) return null;
    const { instruction, name, id, tail } = this.step;
    return { instruction, name, index: Number(id) - 1, error: this.error, tail: tail.lines() };
  }

  built(): string | null {
    return this.id;
  }

  containers(): readonly string[] {
    return this.step?.container ? [this.step.container] : [];
  }
}
