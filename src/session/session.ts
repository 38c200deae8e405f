// One session from start to end: wires the pipeline to its views, its socket and its signals, and says how it ended.
import { basename, dirname, join } from 'node:path';
import {
  BehaviorSubject,
  distinctUntilChanged,
  EMPTY,
  filter,
  firstValueFrom,
  map,
  type Observable,
  ReplaySubject,
  Subject,
  Subscription,
  shareReplay,
} from 'rxjs';
import { v4 as uuid } from 'uuid';
import { publicStates } from '../engine/public.ts';
import { seed } from '../engine/reduce.ts';
import type { Verdict } from '../engine/verdict.ts';
import type { Action } from '../model/fact.ts';
import type { Problem } from '../model/problem.ts';
import type { PublicState } from '../model/public-state.ts';
import type { UpdateMode } from '../model/run.ts';
import type { EngineState } from '../model/state.ts';
import { pipeline } from '../pipeline.ts';
import { wire } from '../wiring.ts';
import { complaint } from './complaint.ts';
import { type EndRule, endings, finalVerdict } from './ending.ts';
import { lastWords } from './last-words.ts';
import { recorder } from './recording.ts';
import { signals } from './signals.ts';
import { openSocket } from './socket.ts';
import { socketPath } from './socket-path.ts';
import { stdinAnswers } from './stdin.ts';
import { openView, type ViewKind } from './views.ts';

export interface SessionRequest {
  readonly file: string;
  readonly context: string | null;
  readonly namespace: string | null;
  readonly only: readonly string[];
  readonly updateMode: UpdateMode;
  /** Takes over objects that other tools made. */
  readonly adopt: boolean;
  readonly view: ViewKind;
  readonly logs: boolean;
  readonly color: boolean;
  /** Every fact on stderr; not with the full screen, which it would spoil. */
  readonly verbose: boolean;
  readonly stdin: boolean;
  readonly record: string | null;
  /** Null: keeps watching until it is stopped. */
  readonly until: EndRule | null;
  readonly junit: string | null;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Runs until it ends; resolves with the exit code. Rejects with a ProblemError when it could not begin. */
export async function runSession(request: SessionRequest): Promise<number> {
  const runId = uuid();
  const dir = dirname(request.file);
  const wired = wire({ ...request, dir, spill: join(dir, '.sluice', 'logs') });
  const { ports } = wired;
  const engine = pipeline({ ...wired, env: request.env }, ports);
  const shown = publicStates(lastWords(ports.logs));
  const steps$ = engine.step$.pipe(
    map(({ state, action }) => ({ state: shown(state), cause: action?.type ?? 'session/started' })),
    shareReplay({ bufferSize: 1, refCount: true }),
  );
  const state$ = steps$.pipe(
    map(({ state }) => state),
    distinctUntilChanged(),
  );
  // Views load while the session runs: one that comes late still hears the verdict.
  const verdict$ = new ReplaySubject<Verdict>(1);
  const path = socketPath(request.file, request.env);
  const answering = { state$: engine.state$, shown, logs: ports.logs, files: ports.files, put: engine.put };
  const answers$ = request.stdin ? stdinAnswers(process.stdin, process.stdout, answering) : EMPTY;
  const socket = await openSocket(path, request.file, answering);
  const all = new Subscription();
  const latest = new BehaviorSubject<EngineState | null>(null);
  try {
    const recording = request.record ? recorder(request.record, engine.step$, ports.logs) : null;
    all.add(engine.state$.subscribe(latest));
    // Before any feed hears of the configuration: the cluster is reached by what it pins.
    all.add(latest.subscribe((state) => wired.pin(state?.config.current?.kubernetes?.context ?? null)));
    all.add(steps$.subscribe());
    if (request.verbose && request.view !== 'tui')
      all.add(engine.step$.subscribe(({ action }) => action && tellFact(action)));
    const view = await openView(
      { ...request, runId, dir, socket: path, title: basename(dir) },
      { steps$, state$, ports, verdict$, answers$, put: engine.put },
    );
    const interrupt = signals(engine.put);
    const over = whenOver(engine.state$, interrupt.dropped$);
    let bug: Problem | null = null;
    all.add(
      engine.run$.subscribe({
        error: (error) => {
          bug = bugProblem(error, request.record);
          over.give();
        },
      }),
    );
    let given: Verdict | null = null;
    let atVerdict: EngineState | null = null;
    const rule = request.until;
    all.add(
      endings(engine.state$, rule, { isLenient: request.view === 'tui' }).subscribe((verdict) => {
        given = withTails(verdict, shown(latest.value ?? seed));
        atVerdict = latest.value;
        engine.put({
          type: 'session/stop-asked',
          reason: verdict.ok ? 'all is up' : 'it cannot come up',
          exitCode: verdict.exitCode,
        });
      }),
    );
    engine.put({
      type: 'session/started',
      options: {
        runId,
        file: request.file,
        dir,
        watch: rule === null,
        updateMode: request.updateMode,
        only: request.only,
        context: request.context,
        namespace: request.namespace,
        adopt: request.adopt,
      },
    });
    await over.promise;
    const last = latest.value;
    const verdict = finalVerdict(last, given, interrupt.signal(), bug);
    verdict$.next(verdict);
    verdict$.complete();
    // What had come up, not what is left after it was taken down again.
    const end = atVerdict ?? last;
    await view.close(end ? shown(end) : null, verdict);
    await recording?.close();
    if (request.view !== 'json') for (const problem of verdict.problems) process.stderr.write(complaint(problem));
    return verdict.exitCode;
  } finally {
    all.unsubscribe();
    // Who follows the logs hears the last lines before the line is cut.
    await wired.close();
    socket.close();
  }
}

/** One line a fact: its number, type and whom it concerns. */
function tellFact(action: Action): void {
  const about = 'resource' in action ? ` ${action.resource}` : '';
  const run = 'run' in action ? ` ${action.run}` : '';
  process.stderr.write(`sluice: ${action.seq} ${action.type}${about}${run}\n`);
}

/** Problems of what runs, with the log lines that the state shown to people carries. */
function withTails(verdict: Verdict, state: PublicState): Verdict {
  const shownProblems = Object.values(state.resources).flatMap(({ runtime }) => runtime.problem ?? []);
  const problems = verdict.problems.map(
    (problem) => shownProblems.find(({ what }) => what === problem.what) ?? problem,
  );
  return { ...verdict, problems };
}

const bugProblem = (error: unknown, record: string | null): Problem => ({
  kind: 'step',
  code: 'S002',
  what: `a bug in sluice: ${error instanceof Error ? error.message : String(error)}`,
  hint: record
    ? `please report it with the recording ${record}`
    : 'run again with --record FILE and report it with that file',
});

/** The end: everything has stopped, or the user asked a second time, or something of ours broke. */
function whenOver(
  state$: Observable<EngineState>,
  dropped$: Observable<unknown>,
): { promise: Promise<unknown>; give: () => void } {
  const given = new Subject<void>();
  const stopped = firstValueFrom(state$.pipe(filter((state) => state.phase === 'stopped')), { defaultValue: null });
  return {
    promise: Promise.race([
      stopped,
      firstValueFrom(dropped$, { defaultValue: null }),
      firstValueFrom(given, { defaultValue: null }),
    ]),
    give: () => given.next(),
  };
}
