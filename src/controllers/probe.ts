// One probe of a local server: what it asks, and what came back.
import { catchError, defer, map, type Observable, of, reduce } from 'rxjs';
import { onlyColours, withoutColours } from '../logs/lines/ansi.ts';
import { excerpt } from '../logs/lines/excerpt.ts';
import type { LocalSpec, Probe } from '../model/config.ts';
import { limits } from '../model/limits.ts';
import type { Ports, ProcEvent } from '../model/ports.ts';
import { problemOf } from '../model/problems/problem.ts';
import { abortable } from '../operators/abortable.ts';
import { timeoutSignal } from '../operators/promises/timeout-signal.ts';

export interface Answer {
  readonly ok: boolean;
  /** Why not, on one line. */
  readonly error: string;
  /** All that an exec probe said, stdout and stderr as they came. */
  readonly said: readonly string[];
}

export function asked(probe: Exclude<Probe, { is: 'log' }>, spec: LocalSpec, ports: Ports): Observable<Answer> {
  const late = timeoutSignal(probe.timeoutMs);
  const ask = (): Observable<Answer> => {
    if (probe.is === 'exec') return run(probe.cmd, spec, late, ports);
    return abortable((dropped) => {
      const stop = AbortSignal.any([dropped, late]);
      return probe.is === 'http' ? ports.net.http(probe.url, stop) : ports.net.tcp(probe.host, probe.port, stop);
    }).pipe(map((answer) => ({ ...answer, said: [] })));
  };
  return defer(ask).pipe(catchError((error) => of({ ok: false, error: problemOf(error).what, said: [] })));
}

interface Heard {
  readonly bytes: Buffer;
  /** Null until it has ended, or when it was stopped. */
  readonly code: number | null;
}

function run(cmd: string, { dir, env }: LocalSpec, late: AbortSignal, ports: Ports): Observable<Answer> {
  return ports.proc.run({ cmd, dir, env }, late, 0).pipe(
    reduce<ProcEvent, Heard>(heard, { bytes: Buffer.alloc(0), code: null }),
    map(({ bytes, code }) => {
      const said = linesOf(bytes, ports);
      // The line that says why, the rest stands below it.
      const why = excerpt(
        said.map((text) => ({ text })),
        1,
      )[0];
      const how = code === null ? 'timed out' : `ended with exit code ${code}`;
      return { ok: code === 0, error: `its probe ${how}${why ? `: ${why}` : ''}`, said };
    }),
  );
}

function heard(before: Heard, event: ProcEvent): Heard {
  if (event.is === 'exited') return { ...before, code: event.code };
  if (event.is !== 'output') return before;
  const bytes = Buffer.concat([before.bytes, event.chunk]);
  return { ...before, bytes: bytes.subarray(Math.max(0, bytes.length - limits.probeOutputBytes)) };
}

function linesOf(bytes: Buffer, { logs }: Pick<Ports, 'logs'>): readonly string[] {
  // Of a longer output the end was kept: its first character may be cut.
  const text = bytes.toString('utf8').replace(/^\ufffd+/, '');
  const lines = logs
    .scrub(text)
    .split(/\r?\n/)
    .map((line) => withoutColours(onlyColours(line)).trimEnd());
  return lines.filter((line) => line !== '').slice(-limits.problemLogLines);
}
