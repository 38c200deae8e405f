// One session from start to end: wires the pipeline to its views, its socket and its signals, and says how it ended.
import { statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import {
  BehaviorSubject,
  catchError,
  concat,
  distinctUntilChanged,
  EMPTY,
  filter,
  firstValueFrom,
  last,
  map,
  merge,
  type Observable,
  ReplaySubject,
  race,
  Subscription,
  shareReplay,
  switchMap,
  take,
  timer,
} from 'rxjs';
import { v4 as uuid } from 'uuid';
import { seed } from '../engine/reduce.ts';
import { listed } from '../engine/resources/listed.ts';
import type { Verdict } from '../engine/verdict.ts';
import type { Action } from '../model/fact.ts';
import { limits } from '../model/limits.ts';
import type { Problem } from '../model/problem.ts';
import type { PublicState } from '../model/public-state.ts';
import type { UpdateMode } from '../model/run.ts';
import type { EngineState } from '../model/state.ts';
import { pipeline } from '../pipeline.ts';
import { hidden } from '../sources/loaded.ts';
import { wire } from '../wiring.ts';
import { complaint } from './complaint.ts';
import { type EndRule, endings, finalVerdict } from './ending.ts';
import { bugProblem, faults, watchOutput } from './faults.ts';
import { type Holding, hold } from './holding.ts';
import { removeLeftLogs } from './left-logs.ts';
import { recorder } from './recording.ts';
import { openSocket, type SessionSocket } from './requests/socket.ts';
import { socketPath } from './requests/socket-path.ts';
import { stdinAnswers } from './requests/stdin.ts';
import { shownStates } from './shown.ts';
import { type Interruption, signals } from './signals.ts';
import { openView, type View, type ViewKind } from './views.ts';

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
  const wired = wire({ ...request, dir, spills: true });
  const { ports } = wired;
  const engine = pipeline({ ...wired, env: request.env }, ports);
  let view: View | null = null;
  const interrupt = signals(engine.put);
  // A screen that broke is left at once: nothing more may be painted on a terminal that was given back.
  const trouble = faults(engine.put, () => view?.leave());
  const output = watchOutput(process.stdout, engine.put, trouble.heard);
  const shown = shownStates(ports.logs);
  const steps$ = engine.turn$.pipe(
    map(({ state, action }) => ({ state: shown(state), cause: action?.type ?? 'session/started' })),
    catchError((error) => {
      trouble.heard(error, 'what is shown');
      return EMPTY;
    }),
    shareReplay({ bufferSize: 1, refCount: true }),
  );
  const state$ = steps$.pipe(
    map(({ state }) => state),
    distinctUntilChanged(),
  );
  // Views load while the session runs: one that comes late still hears the verdict.
  const verdict$ = new ReplaySubject<Verdict>(1);
  const path = socketPath(request.file, request.env);
  const answering = {
    state$: engine.state$,
    shown,
    logs: ports.logs,
    kube: ports.kube,
    files: ports.files,
    put: engine.put,
  };
  const answers$ = request.stdin ? stdinAnswers(process.stdin, process.stdout, answering) : EMPTY;
  const all = new Subscription();
  let socket: SessionSocket | null = null;
  let holding: Holding | null = null;
  try {
    socket = await openSocket(path, request.file, answering);
    const say = (text: string): void => void process.stderr.write(`sluice: ${text}\n`);
    holding = await hold({ file: request.file, socket: path, say, stop: interrupt.asked }, wired.running);
    removeLeftLogs(dir);
    const latest = new BehaviorSubject<EngineState>(seed);
    const degraded = (feed: string, problem: Problem | null): void =>
      engine.put(problem ? { type: 'feed/failed', feed, problem, retryAt: null } : { type: 'feed/healthy', feed });
    const recording = recorder(request.record, dir, engine.step$, ports.logs.scrub, (problem) =>
      degraded('recording', problem),
    );
    all.add(engine.state$.subscribe(latest));
    // Before any feed hears of the configuration: the cluster is reached by what it pins.
    all.add(latest.subscribe((state) => wired.pin(state.config.current?.kubernetes?.context ?? null)));
    all.add(steps$.subscribe());
    if (request.verbose && request.view !== 'tui')
      all.add(engine.step$.subscribe(({ action }) => action && tellFact(action)));
    view = await openView(
      { ...request, runId, dir, socket: path, title: basename(dir) },
      { steps$, state$, ports, verdict$, answers$, put: engine.put, failed: (error) => trouble.heard(error, 'a view') },
    );
    const over = whenOver(engine.state$, interrupt.dropped$);
    all.add(engine.run$.subscribe({ error: (error) => trouble.heard(error, 'the loop') }));
    let given: Verdict | null = null;
    let atVerdict: EngineState | null = null;
    const rule = request.until;
    all.add(
      endings(engine.state$, rule, { isLenient: request.view === 'tui' }).subscribe((verdict) => {
        given = withTails(verdict, shown(latest.value));
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
        writes: [request.record, request.junit].flatMap((path) => (path === null ? [] : [resolve(path)])),
      },
    });
    const cwd = process.cwd();
    all.add(engine.step$.subscribe(({ action }) => action?.type === 'files/rescanned' && goTo(cwd)));
    all.add(wired.degraded$.subscribe(({ part, problem }) => degraded(part, problem)));
    await over;
    const { bug } = latest.value;
    const ended = finalVerdict(latest.value, given, interrupt.signal(), {
      bug: bug && bugProblem(bug.error, recording.kept()),
      denied: trouble.denied(),
    });
    const verdict = { ...ended, problems: ended.problems.map(hidden(ports.logs.scrub)) };
    verdict$.next(verdict);
    verdict$.complete();
    // What had come up, not what is left after it was taken down again.
    await inTime(view.close(shown(atVerdict ?? latest.value), verdict), interrupt);
    await inTime(recording.close(), interrupt);
    if (request.view !== 'json' || bug !== null || trouble.denied() !== null)
      for (const problem of verdict.problems) process.stderr.write(complaint(problem));
    return verdict.exitCode;
  } finally {
    all.unsubscribe();
    view?.leave();
    // Who follows the logs hears the last lines before the line is cut.
    await inTime(wired.close(), interrupt);
    socket?.close();
    holding?.close();
    for (const listening of [interrupt, trouble, output]) listening.close();
  }
}

/** Commands that are given no directory start in ours: not in one that was deleted. One that is merely elsewhere stays. */
function goTo(dir: string): void {
  try {
    if (statSync('.').nlink === 0) process.chdir(dir);
  } catch {
    // It is away, and told to be.
  }
}

/** Ending waits for nothing that hangs: some seconds, and once everything is dropped a moment. */
const inTime = (done: Promise<unknown>, { isDropped, dropped$ }: Interruption): Promise<unknown> =>
  Promise.race([
    done,
    firstValueFrom(
      race(
        timer(limits.closeMs),
        concat(isDropped ? EMPTY : dropped$.pipe(take(1)), timer(limits.droppedMs)).pipe(last()),
      ),
    ),
  ]);

/** One line a fact: its number, type and whom it concerns. */
function tellFact(action: Action): void {
  const about = 'resource' in action ? ` ${action.resource}` : '';
  const run = 'run' in action ? ` ${action.run}` : '';
  process.stderr.write(`sluice: ${action.seq} ${action.type}${about}${run}\n`);
}

/** Problems of what runs, with the log lines that the state shown to people carries. */
function withTails(verdict: Verdict, state: PublicState): Verdict {
  const shownProblems = listed(state).flatMap(({ runtime }) => runtime.problem ?? []);
  const problems = verdict.problems.map(
    (problem) => shownProblems.find(({ what }) => what === problem.what) ?? problem,
  );
  return { ...verdict, problems };
}

/** The end: everything has stopped, the user asked a second time, or draining took too long. */
const whenOver = (state$: Observable<EngineState>, dropped$: Observable<unknown>): Promise<unknown> =>
  firstValueFrom(
    merge(
      dropped$,
      state$.pipe(filter(({ phase }) => phase === 'stopped')),
      state$.pipe(
        filter(({ phase }) => phase === 'draining'),
        take(1),
        // The reducer says so at limits.drainMs; this is for the case that nothing asks it any more.
        switchMap(() => timer(limits.drainMs + limits.droppedMs)),
      ),
    ),
    { defaultValue: null },
  );
