// Readiness of a local server: asked every so often until the stream is dropped; only changes are told.
import {
  catchError,
  defer,
  distinctUntilChanged,
  filter,
  map,
  type Observable,
  of,
  repeat,
  scan,
  take,
  tap,
  timer,
} from 'rxjs';
import { bounded } from '../logs/pattern.ts';
import type { LocalSpec, Probe } from '../model/config.ts';
import { limits } from '../model/limits.ts';
import type { Ports, ProcEvent } from '../model/ports.ts';
import { type Problem, problemOf } from '../model/problems/problem.ts';
import { type Answer, asked } from './probe.ts';

export interface Probed {
  readonly ready: boolean;
  /** Has not been ready yet, and still may. */
  readonly starting: boolean;
  readonly problem: Problem | null;
}

/**
 * Ready at the first success; unready, with the last error, after `failures` in a row. A start that takes long tells why it is not
 * ready yet, and goes on.
 */
export function probes(
  probe: Probe,
  spec: LocalSpec,
  output$: Observable<Extract<ProcEvent, { is: 'output' }>>,
  ports: Ports,
): Observable<Probed> {
  if (probe.is === 'log') return logged(probe.pattern, spec, output$);
  let wasReady = false;
  return defer(() => asked(probe, spec, ports)).pipe(
    tap(({ ok }) => {
      wasReady ||= ok;
    }),
    // The first success is what people wait for: until then asked more often than configured.
    repeat({ delay: () => timer(wasReady ? probe.everyMs : eagerMs(probe)) }),
    scan(judge(probe, spec), { ready: false, starting: true, failures: 0, wasReady: false, problem: null } as Judged),
    map(({ ready, starting, problem }) => ({ ready, starting, problem })),
    distinctUntilChanged((a, b) => a.ready === b.ready && a.starting === b.starting && shapeOf(a) === shapeOf(b)),
    filter(({ ready, problem }) => ready || problem !== null),
    tap(({ problem }) => {
      if (problem) ports.logs.line({ resource: spec.name, source: 'engine' }, 'warn', told(problem), ports.now());
    }),
  );
}

const told = ({ what, logTail = [] }: Problem): string => [`[probe] ${what}`, ...logTail].join('\n');

/** A probe that prints the time, or counts, says the same each time. */
const shapeOf = ({ problem }: Probed): string | null =>
  problem && [problem.what, ...(problem.logTail ?? [])].join('\n').replace(/\d+/g, '0');

/** A process each time is no small thing to ask for. */
const eagerMs = (probe: Probe): number =>
  Math.min(probe.everyMs, probe.is === 'exec' ? limits.probeEveryMs : limits.probeEagerMs);

/** A pattern that takes too long says so, and is not asked again: the server cannot become ready. */
function logged(
  pattern: string,
  { name, at }: LocalSpec,
  output$: Observable<{ readonly chunk: Uint8Array }>,
): Observable<Probed> {
  const regex = new RegExp(pattern);
  const wanted = bounded((text: string) => regex.test(text), `${name} is not ready: the pattern of ready.log`);
  const decoder = new TextDecoder();
  return output$.pipe(
    // A line may come in two chunks: the end of the one before is looked at again.
    scan((text, { chunk }) => text.slice(-limits.logLineBytes) + decoder.decode(chunk, { stream: true }), ''),
    filter(wanted),
    take(1),
    map(() => ({ ready: true, starting: false, problem: null })),
    catchError((error) => of({ ready: false, starting: false, problem: { ...problemOf(error), at } })),
  );
}

interface Judged extends Probed {
  readonly failures: number;
  readonly wasReady: boolean;
}

function judge(probe: Probe, spec: LocalSpec): (before: Judged, answer: Answer) => Judged {
  const eager = eagerMs(probe);
  return (before, answer) => {
    if (answer.ok) return { ready: true, starting: false, failures: 0, wasReady: true, problem: null };
    const failures = before.failures + 1;
    // Before the first success it is still starting: refusals are expected then, for a while.
    const starting = !before.wasReady && failures < limits.probeStartMs / eager;
    if (starting && (failures - 1) * eager < limits.probeTellMs) return { ...before, failures };
    if (before.wasReady && failures < probe.failures) return { ...before, failures };
    const problem: Problem = {
      kind: 'step',
      code: 'S423',
      what: `${spec.name} is not ready: ${answer.error}`,
      hint: hintFor(probe),
      at: spec.at,
      ...(answer.said.length > 1 ? { logTail: answer.said } : {}),
    };
    return { ...before, ready: false, starting, failures, problem };
  };
}

const hintFor = (probe: Probe): string =>
  probe.is === 'exec'
    ? 'its readiness probe keeps failing: run the command of `ready.exec` by hand'
    : 'its readiness probe keeps failing: does the server listen where the probe looks?';
