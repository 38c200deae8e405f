// The session as one JSON object a line: whole state, patches, log lines, verdict. A slow reader gets merged patches.
import { catchError, ignoreElements, merge, Observable, takeUntil, tap } from 'rxjs';
import { limits } from '../model/limits.ts';
import type { LogLine, LogReader } from '../model/log.ts';
import type { Problem } from '../model/problems/problem.ts';
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
  readonly verdict$: Observable<StreamVerdict>;
  readonly scrub: (text: string) => string;
  /** For log lines of programs; `scrub` where there is none. */
  readonly scrubOutput?: (text: string) => string;
  /** Told when a record could not be made: the verdict is still the last line. */
  readonly failed: (error: unknown) => void;
  /** Answers to requests made on stdin, so that stdout stays one stream. */
  readonly answers$: Observable<Answer>;
}

type Answer = Readonly<Record<string, unknown>> & { readonly id: unknown; readonly ok: boolean };

interface StreamVerdict {
  readonly ok: boolean;
  readonly exitCode: number;
  readonly problems: readonly Problem[];
}

/** Completes after the verdict has left, or when the reader goes away; errors when writing fails otherwise. */
export function ndjsonView(deps: NdjsonDeps): Observable<never> {
  return new Observable((subscriber) => {
    const out = outlet(deps.out);
    const stream = new Records(
      deps,
      (line) => out.write(line),
      () => out.isReady,
    );
    const pump = (): void => {
      if (out.together(() => stream.pump())) out.flushed(() => subscriber.complete());
    };
    const gone$ = out.gone$.pipe(tap((error) => (error ? subscriber.error(error) : subscriber.complete())));
    const input$ = merge(
      deps.state$.pipe(tap(({ state, cause }) => stream.state(state, cause))),
      ...(deps.includeLogs ? [deps.logs.lines$.pipe(tap((lines) => stream.logs(lines)))] : []),
      deps.answers$.pipe(tap((answer) => stream.answer(answer))),
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

/** What is to be written, in the order in which it may be. */
class Records {
  private readonly deps: NdjsonDeps;
  private readonly write: (line: string) => void;
  private readonly isReady: () => boolean;
  private readonly waiting = boundedQueue<LogLine>((line) => line.text.length);
  private readonly answers: Body[] = [];
  private seq = 0;
  private wholeAt = 0;
  private newest: PublicState | null = null;
  private sent: PublicState | null = null;
  private cause = '';
  private isMerged = false;
  private end: Body | null = null;
  private isOver = false;
  private isBroken = false;

  constructor(deps: NdjsonDeps, write: (line: string) => void, isReady: () => boolean) {
    this.deps = deps;
    this.write = write;
    this.isReady = isReady;
  }

  session(): void {
    this.put({ type: 'session', version: 1, ...this.deps.session });
  }

  state(state: PublicState, cause: string): void {
    this.isMerged ||= this.newest !== null && this.newest !== this.sent;
    this.newest = state;
    this.cause = cause;
  }

  /** Nothing but the verdict is written from now on. */
  broken(): void {
    this.isBroken = true;
  }

  answer(answer: Answer): void {
    this.answers.push({ type: 'answer', ...answer });
  }

  logs(lines: readonly LogLine[]): void {
    lines.forEach(this.waiting.push);
  }

  verdict({ ok, exitCode, problems }: StreamVerdict): void {
    this.end = { type: 'verdict', ok, exitCode, problems };
  }

  /** True once, when the verdict has been written. */
  pump(): boolean {
    while (!this.isOver && this.isReady() && this.step());
    const justEnded = this.isOver && this.end !== null;
    if (justEnded) this.end = null;
    return justEnded;
  }

  /** False when nothing is left to be written. */
  private step(): boolean {
    const { newest, sent, answers, waiting } = this;
    if (this.isBroken) return this.finish();
    // Nothing can be told before there is a state, an early end aside.
    if (newest && (!sent || this.seq + 1 - this.wholeAt >= limits.streamStateEvery)) this.putWhole(newest);
    else if (newest && newest !== sent) this.putChange(newest);
    else if (sent && answers.length > 0) this.put(answers.shift() as Body);
    else if (sent && waiting.hasDropped) this.put(lostRecord(waiting.takeDropped()));
    else if (sent && waiting.length > 0) {
      const line = waiting.shift() as LogLine;
      this.put(logRecord(line), line.at);
    } else if (sent && this.isMerged) this.putWhole(sent);
    else return this.finish();
    return true;
  }

  private finish(): false {
    if (this.end) this.put(this.end);
    this.isOver = this.end !== null;
    return false;
  }

  private put(body: Body, at = this.deps.now()): void {
    const { scrub, scrubOutput = scrub } = this.deps;
    this.write(recordLine(body, ++this.seq, at, body.type === 'log' ? scrubOutput : scrub));
  }

  private putWhole(state: PublicState): void {
    this.put({ type: 'state', state });
    this.sent = state;
    this.wholeAt = this.seq;
    this.isMerged = false;
  }

  private putChange(state: PublicState): void {
    const patch = patchOf(this.sent, state);
    this.sent = state;
    if (patch.length > 0) this.put({ type: 'patch', cause: this.cause, patch });
  }
}
