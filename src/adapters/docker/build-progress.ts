// What both builders' streams are folded into, and the fold for the classic builder ("Step 2/5 : RUN npm ci").
import { limits } from '../../model/limits.ts';
import type { BuildEvent } from '../../model/ports.ts';
import type { StreamRecord } from './json-lines.ts';
import { LineTail, plain } from './text.ts';

export interface FailedStep {
  /** As written in the Dockerfile, the builder's prefix taken off. */
  readonly instruction: string;
  readonly name: string;
  /** Place among the Dockerfile's instructions, from 0, where the builder counts them. */
  readonly index: number | null;
  readonly error: string;
  readonly tail: readonly string[];
}

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

interface Step {
  readonly id: string;
  readonly name: string;
  readonly instruction: string;
  readonly tail: LineTail;
  readonly startedAt: number;
  isCached: boolean;
}

export function classicProgress(now: () => number = Date.now): BuildProgress {
  const containers = new Set<string>();
  let step: Step | null = null;
  let built: string | null = null;
  let error = '';

  function* close(isOk: boolean): Generator<BuildEvent> {
    if (!step) return;
    const state = !isOk ? 'failed' : step.isCached ? 'cached' : 'done';
    yield { is: 'step', id: step.id, name: step.name, state, ms: now() - step.startedAt };
  }

  function* line(whole: string): Generator<BuildEvent> {
    const begun = /^Step (\d+)\/(\d+) : ([\s\S]*)$/.exec(whole);
    const [, running] = /^ ---> Running in ([0-9a-f]{12,64})\s*$/.exec(whole) ?? [];
    const [, removed] = /^Removing intermediate container ([0-9a-f]{12,64})\s*$/.exec(whole) ?? [];
    if (begun) {
      yield* close(true);
      const name = plain(`[${begun[1]}/${begun[2]}] ${begun[3]}`);
      step = {
        id: begun[1]!,
        name,
        instruction: plain(begun[3]!),
        tail: new LineTail(limits.problemLogLines),
        startedAt: now(),
        isCached: false,
      };
      yield { is: 'step', id: step.id, name, state: 'started' };
    } else if (running) containers.add(running);
    else if (removed) containers.delete(removed);
    else if (/^ ---> Using cache/.test(whole)) {
      if (step) step.isCached = true;
    } else if (!/^ ---> ([0-9a-f]{12})?\s*$|^\n$|^Successfully (built|tagged) /.test(whole)) {
      step?.tail.write(whole);
      yield { is: 'output', text: whole };
    }
  }

  function* read(record: StreamRecord): Generator<BuildEvent> {
    if (record.error) error = plain(record.errorDetail?.message ?? record.error);
    built = (record.aux as { ID?: string } | null | undefined)?.ID ?? built;
    if (record.status)
      yield { is: 'progress', id: plain(record.id ?? ''), text: plain(`${record.status} ${record.progress ?? ''}`) };
    // The output of a step comes in pieces that need not end with a line; the builder's own lines come whole.
    if (typeof record.stream === 'string') {
      yield* line(record.stream);
    }
  }

  const failed = (): FailedStep | null =>
    step
      ? { instruction: step.instruction, name: step.name, index: Number(step.id) - 1, error, tail: step.tail.lines() }
      : null;
  return { read, end: close, failed, built: () => built, containers: () => [...containers] };
}
