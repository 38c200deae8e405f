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
import type { LocalSpec, Probe } from '../model/config.ts';
import { limits } from '../model/limits.ts';
import type { Ports, ProcEvent } from '../model/ports.ts';
import { type Problem, problemOf } from '../model/problem.ts';
import { abortable } from '../operators/abortable.ts';

export interface Probed {
  readonly ready: boolean;
  readonly problem: Problem | null;
}

/** Ready at the first success; unready, with the last error, after `failures` in a row. */
export function probes(
  probe: Probe,
  spec: LocalSpec,
  output$: Observable<Extract<ProcEvent, { is: 'output' }>>,
  ports: Ports,
): Observable<Probed> {
  if (probe.is === 'log') return logged(probe.pattern, output$);
  let wasReady = false;
  return defer(() => once(probe, spec, ports)).pipe(
    tap(({ ok }) => {
      wasReady ||= ok;
    }),
    // The first success is what people wait for: until then asked more often than configured.
    repeat({ delay: () => timer(wasReady ? probe.everyMs : eagerMs(probe)) }),
    scan(judge(probe, spec), { ready: false, failures: 0, wasReady: false, problem: null as Problem | null }),
    map(({ ready, problem }) => ({ ready, problem })),
    distinctUntilChanged((a, b) => a.ready === b.ready && a.problem?.what === b.problem?.what),
    filter(({ ready, problem }) => ready || problem !== null),
  );
}

/** A process each time is no small thing to ask for. */
const eagerMs = (probe: Probe): number =>
  Math.min(probe.everyMs, probe.is === 'exec' ? limits.probeEveryMs : limits.probeEagerMs);

function logged(pattern: string, output$: Observable<{ readonly chunk: Uint8Array }>): Observable<Probed> {
  const wanted = new RegExp(pattern);
  const decoder = new TextDecoder();
  return output$.pipe(
    // A line may come in two chunks: the end of the one before is looked at again.
    scan((text, { chunk }) => text.slice(-limits.logLineBytes) + decoder.decode(chunk, { stream: true }), ''),
    filter((text) => wanted.test(text)),
    take(1),
    map(() => ({ ready: true, problem: null })),
  );
}

type Answer = { readonly ok: boolean; readonly error: string };

function once(probe: Probe, spec: LocalSpec, ports: Ports): Observable<Answer> {
  const late = AbortSignal.timeout(probe.timeoutMs);
  const asked = (): Observable<Answer> => {
    if (probe.is === 'http') return abortable((dropped) => ports.net.http(probe.url, AbortSignal.any([dropped, late])));
    if (probe.is === 'tcp')
      return abortable((dropped) => ports.net.tcp(probe.host, probe.port, AbortSignal.any([dropped, late])));
    const cmd = probe.is === 'exec' ? probe.cmd : 'true';
    return ports.proc.run({ cmd, dir: spec.dir, env: spec.env }, late, 0).pipe(
      filter((event) => event.is === 'exited'),
      map((event) => ({ ok: event.code === 0, error: event.code === null ? 'timed out' : `exit code ${event.code}` })),
    );
  };
  return defer(asked).pipe(catchError((error) => of({ ok: false, error: problemOf(error).what })));
}

interface Judged extends Probed {
  readonly failures: number;
  readonly wasReady: boolean;
}

function judge(probe: Probe, spec: LocalSpec): (before: Judged, answer: Answer) => Judged {
  return (before, answer) => {
    if (answer.ok) return { ready: true, failures: 0, wasReady: true, problem: null };
    const failures = before.failures + 1;
    // Before the first success it is still starting: refusals are expected then, for a while.
    const patience = before.wasReady ? probe.failures : limits.probeStartMs / eagerMs(probe);
    if (failures < patience) return { ...before, failures };
    const problem: Problem = {
      kind: 'step',
      code: 'S423',
      what: `${spec.name} is not ready: ${answer.error}`,
      hint: 'its readiness probe keeps failing: does the server listen where the probe looks?',
      at: spec.at,
    };
    return { ...before, ready: false, failures, problem };
  };
}
