// The session as one JSON object a line: whole state, patches, log lines, verdict. A slow reader gets merged patches.
import { catchError, ignoreElements, merge, Observable, takeUntil, tap } from 'rxjs';
import { limits } from '../model/limits.ts';
import type { LogLine, LogReader } from '../model/log.ts';
import type { Problem } from '../model/problem.ts';
import type { PublicState } from '../model/public-state.ts';
import { boundedQueue } from './bounded-queue.ts';
import { outlet } from './outlet.ts';
import { patchOf } from './patch.ts';
import { type Body, logRecord, lostRecord, recordLine } from './records.ts';

export interface NdjsonDeps {
  /** Each state with the type of the fact that made it; the newest one is given on subscription. */
  readonly state$: Observable<{ readonly state: PublicState; readonly cause: string }>;
  readonly logs: Pick<LogReader, 'lines$'>;
  readonly session: {
    readonly runId: string;
    readonly pid: number;
    readonly dir: string;
    readonly socket: string | null;
  };
  readonly out: NodeJS.WritableStream;
  readonly now: () => number;
  readonly includeLogs: boolean;
  /** Emits once, at the end of the session: the last line. */
  readonly verdict$: Observable<{
    readonly ok: boolean;
    readonly exitCode: number;
    readonly problems: readonly Problem[];
  }>;
  readonly scrub: (text: string) => string;
  /** For log lines of programs; `scrub` where there is none. */
  readonly scrubOutput?: (text: string) => string;
  /** Told when a record could not be made: the verdict is still the last line. */
  readonly failed: (error: unknown) => void;
  /** Answers to requests made on stdin, so that stdout stays one stream. */
  readonly answers$: Observable<Answer>;
}

type Answer = Readonly<Record<string, unknown>> & { readonly id: unknown; readonly ok: boolean };

/** Completes after the verdict has left, or when the reader goes away; errors when writing fails otherwise. */
export function ndjsonView(deps: NdjsonDeps): Observable<never> {
  return new Observable((subscriber) => {
    const out = outlet(deps.out);
    const stream = records(
      deps,
      (line) => out.write(line),
      () => out.isReady,
    );
    const pump = (): void => {
      if (stream.pump()) out.flushed(() => subscriber.complete());
    };
    const gone$ = out.gone$.pipe(tap((error) => (error ? subscriber.error(error) : subscriber.complete())));
    const input$ = merge(
      deps.state$.pipe(tap(({ state, cause }) => stream.state(state, cause))),
      ...(deps.includeLogs ? [deps.logs.lines$.pipe(tap(stream.logs))] : []),
      deps.answers$.pipe(tap(stream.answer)),
      out.ready$,
    ).pipe(
      tap(pump),
      catchError((error) => {
        deps.failed(error);
        stream.broken();
        return out.ready$.pipe(tap(pump));
      }),
    );
    const end$ = deps.verdict$.pipe(
      tap((verdict) => {
        stream.verdict(verdict);
        pump();
      }),
      catchError((error, again$) => {
        deps.failed(error);
        stream.broken();
        return again$;
      }),
    );
    subscriber.add(gone$.subscribe());
    stream.session();
    subscriber.add(
      merge(input$, end$)
        .pipe(ignoreElements(), takeUntil(out.gone$))
        .subscribe({ error: (error) => subscriber.error(error) }),
    );
  });
}

/** What is to be written, in the order in which it may be. `pump` is true once, when the verdict has been written. */
function records(
  { session, scrub, scrubOutput = scrub, now }: NdjsonDeps,
  write: (line: string) => void,
  isReady: () => boolean,
) {
  const waiting = boundedQueue<LogLine>((line) => line.text.length);
  const answers: Body[] = [];
  let seq = 0;
  let wholeAt = 0;
  let newest: PublicState | null = null;
  let sent: PublicState | null = null;
  let cause = '';
  let isMerged = false;
  let verdict: Body | null = null;
  let isOver = false;
  let isBroken = false;
  const put = (body: Body, at = now()): void =>
    write(recordLine(body, ++seq, at, body.type === 'log' ? scrubOutput : scrub));
  const putWhole = (state: PublicState): void => {
    put({ type: 'state', state });
    sent = state;
    wholeAt = seq;
    isMerged = false;
  };
  const putChange = (state: PublicState): void => {
    const patch = patchOf(sent, state);
    sent = state;
    if (patch.length > 0) put({ type: 'patch', cause, patch });
  };
  /** False when nothing is left to be written. */
  const step = (): boolean => {
    if (isBroken) return end();
    // Nothing can be told before there is a state, an early end aside.
    if (newest && (!sent || seq + 1 - wholeAt >= limits.streamStateEvery)) putWhole(newest);
    else if (newest && newest !== sent) putChange(newest);
    else if (sent && answers.length > 0) put(answers.shift() as Body);
    else if (sent && waiting.hasDropped) put(lostRecord(waiting.takeDropped()));
    else if (sent && waiting.length > 0) {
      const line = waiting.shift() as LogLine;
      put(logRecord(line), line.at);
    } else if (sent && isMerged) putWhole(sent);
    else return end();
    return true;
  };
  const end = (): false => {
    if (verdict) put(verdict);
    isOver = verdict !== null;
    return false;
  };
  return {
    session: () => put({ type: 'session', version: 1, ...session }),
    state: (state: PublicState, because: string) => {
      isMerged ||= newest !== null && newest !== sent;
      newest = state;
      cause = because;
    },
    /** Nothing but the verdict is written from now on. */
    broken: () => {
      isBroken = true;
    },
    answer: (answer: Answer) => void answers.push({ type: 'answer', ...answer }),
    logs: (lines: readonly LogLine[]) => lines.forEach(waiting.push),
    verdict: (end: { ok: boolean; exitCode: number; problems: readonly Problem[] }) => {
      verdict = { type: 'verdict', ok: end.ok, exitCode: end.exitCode, problems: end.problems };
    },
    pump: (): boolean => {
      while (!isOver && isReady() && step());
      const justEnded = isOver && verdict !== null;
      if (justEnded) verdict = null;
      return justEnded;
    },
  };
}
