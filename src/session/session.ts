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
import type { Engine } from '../engine/engine.ts';
import { seed } from '../engine/reduce.ts';
import { listed } from '../engine/resources/resource-list.ts';
import { withCrashes } from '../engine/runtime/crashed.ts';
import type { Verdict } from '../engine/verdict.ts';
import type { Overrides } from '../model/config/overrides.ts';
import type { Action, SessionOptions } from '../model/fact.ts';
import { limits } from '../model/limits.ts';
import type { Problem } from '../model/problems/problem.ts';
import type { PublicState } from '../model/public-state.ts';
import type { ContainersAnew, UpdateMode } from '../model/run.ts';
import type { EngineState } from '../model/state.ts';
import { pipeline } from '../pipeline.ts';
import { hidden } from '../sources/config-load.ts';
import { foreseen, type Wired, wire } from '../wiring.ts';
import { complaint } from './end/complaint.ts';
import { type EndRule, endings, finalVerdict } from './end/end-rule.ts';
import { bugProblem, type Faults, faults, type Output, watchOutput } from './faults.ts';
import { removeLeftLogs } from './left-logs.ts';
import { type Holding, hold } from './project-lock.ts';
import { shownStates } from './public-states.ts';
import { type Recorder, recorder } from './recording.ts';
import { openSocket, type SessionSocket } from './requests/socket.ts';
import { socketPath } from './requests/socket-path.ts';
import { stdinAnswers } from './requests/stdin.ts';
import { type Interruption, signals } from './signals.ts';
import { givenBack } from './thrift.ts';
import { openView, type View, type ViewKind } from './views.ts';

export interface SessionRequest {
  readonly file: string;
  readonly context: string | null;
  readonly namespace: string | null;
  readonly only: readonly string[];
  readonly updateMode: UpdateMode;
  /** Takes over objects that other tools made. */
  readonly adopt: boolean;
  readonly containers: ContainersAnew;
  readonly removeOrphans: boolean;
  readonly asked: Overrides;
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
  const session = new Session(request);
  try {
    await session.takeHold();
    const recording = session.record();
    session.listen();
    const view = await session.show();
    await session.run();
    const verdict = session.judge(recording);
    await session.tell(verdict, view, recording);
    return verdict.exitCode;
  } finally {
    await session.close();
  }
}

class Session {
  private readonly request: SessionRequest;
  private readonly runId = uuid();
  private readonly dir: string;
  private readonly socketPath: string;
  private readonly wired: Wired;
  private readonly engine: Engine;
  private readonly interrupt: Interruption;
  private readonly trouble: Faults;
  private readonly output: Output;
  private readonly shown: (state: EngineState) => PublicState;
  private readonly answering: Parameters<typeof openSocket>[2];
  private readonly latest = new BehaviorSubject<EngineState>(seed);
  // Views load while the session runs: one that comes late still hears the verdict.
  private readonly verdict$ = new ReplaySubject<Verdict>(1);
  private readonly all = new Subscription();
  private view: View | null = null;
  private socket: SessionSocket | null = null;
  private holding: Holding | null = null;
  /** What first runs took in earlier sessions. */
  private took: SessionOptions['took'] = {};
  /** By the rule of the end, and how things stood then. */
  private given: { readonly verdict: Verdict; readonly state: EngineState } | null = null;

  constructor(request: SessionRequest) {
    this.request = request;
    this.dir = dirname(request.file);
    this.socketPath = socketPath(request.file, request.env);
    this.wired = wire({ ...request, dir: this.dir, spills: true });
    const { ports } = this.wired;
    this.engine = pipeline({ ...this.wired, env: request.env }, ports);
    const { put, state$ } = this.engine;
    this.interrupt = signals(put);
    // A screen that broke is left at once: nothing more may be painted on a terminal that was given back.
    this.trouble = faults(put, () => this.view?.leave());
    this.output = watchOutput(process.stdout, put, this.trouble.heard);
    this.shown = shownStates(ports.logs);
    this.answering = {
      state$,
      shown: this.shown,
      logs: ports.logs,
      kube: ports.kube,
      docker: ports.docker,
      files: ports.files,
      put,
    };
  }

  /** One session has a configuration; what an earlier one left is ended. */
  async takeHold(): Promise<void> {
    const { file } = this.request;
    this.socket = await openSocket(this.socketPath, file, this.answering);
    const say = (text: string): void => void process.stderr.write(`sluice: ${text}\n`);
    const holder = { file, socket: this.socketPath, say, stop: this.interrupt.asked };
    this.holding = await hold(holder, this.wired.running);
    removeLeftLogs(this.dir);
    this.took = await this.wired.times.recall();
  }

  record(): Recorder {
    const { step$ } = this.engine;
    const { scrub } = this.wired.ports.logs;
    return recorder(this.request.record, this.dir, step$, scrub, (problem) => this.degraded('recording', problem));
  }

  listen(): void {
    const { state$, step$ } = this.engine;
    this.all.add(state$.subscribe(this.latest));
    // Before any feed hears of the configuration: the cluster is reached by what it pins.
    this.all.add(this.latest.subscribe((state) => this.wired.pin(state.config.current?.kubernetes?.context ?? null)));
    if (this.request.verbose && this.request.view !== 'tui')
      this.all.add(step$.subscribe(({ action }) => action && tellFact(action)));
  }

  async show(): Promise<View> {
    const { request, runId, dir, verdict$, trouble } = this;
    const { ports } = this.wired;
    const { put } = this.engine;
    const steps$ = this.shownSteps();
    const state$ = steps$.pipe(
      map(({ state }) => state),
      distinctUntilChanged(),
    );
    this.all.add(steps$.subscribe());
    const answers$ = request.stdin ? stdinAnswers(process.stdin, process.stdout, this.answering) : EMPTY;
    const failed = (error: unknown): void => trouble.heard(error, 'a view');
    this.view = await openView(
      { ...request, runId, dir, socket: this.socketPath, title: basename(dir) },
      { steps$, state$, ports, verdict$, answers$, put, failed },
    );
    return this.view;
  }

  private shownSteps() {
    return this.engine.turn$.pipe(
      map(({ state, action }) => ({ state: this.shown(state), cause: action?.type ?? 'session/started' })),
      catchError((error) => {
        this.trouble.heard(error, 'what is shown');
        return EMPTY;
      }),
      shareReplay({ bufferSize: 1, refCount: true }),
    );
  }

  /** Starts the loop; resolves when it is over. */
  async run(): Promise<void> {
    const { state$, run$, step$, put } = this.engine;
    const over = whenOver(state$, this.interrupt.dropped$);
    this.all.add(run$.subscribe({ error: (error) => this.trouble.heard(error, 'the loop') }));
    const rule = this.request.until;
    const isLenient = this.request.view === 'tui';
    this.all.add(givenBack(state$.pipe(map(({ isIdle }) => isIdle))).subscribe());
    this.all.add(endings(state$, rule, { isLenient }).subscribe((verdict) => this.endWith(verdict)));
    put({ type: 'session/started', options: this.options() });
    foreseen(this.request.file, this.wired.ports);
    const cwd = process.cwd();
    this.all.add(step$.subscribe(({ action }) => action?.type === 'files/rescanned' && goTo(cwd)));
    this.all.add(this.wired.degraded$.subscribe(({ part, problem }) => this.degraded(part, problem)));
    await over;
  }

  private options(): SessionOptions {
    const { file, until, updateMode, only, context, namespace, record, junit } = this.request;
    const { adopt, containers, removeOrphans, asked: given } = this.request;
    const writes = [record, junit].flatMap((path) => (path === null ? [] : [resolve(path)]));
    const { runId, dir } = this;
    const asked = { updateMode, only, context, namespace, adopt, containers, removeOrphans, asked: given };
    return { runId, file, dir, watch: until === null, ...asked, writes, took: this.took };
  }

  private endWith(verdict: Verdict): void {
    const { until } = this.request;
    const state = until ? withCrashes(this.latest.value, until.retries) : this.latest.value;
    const problems = verdict.problems.map(hidden(this.wired.ports.logs.scrub));
    this.given = { verdict: withTails({ ...verdict, problems }, this.shown(state)), state };
    const reason = verdict.ok ? 'all is up' : 'it cannot come up';
    this.engine.put({ type: 'session/stop-asked', reason, exitCode: verdict.exitCode });
  }

  private degraded(feed: string, problem: Problem | null): void {
    this.engine.put(problem ? { type: 'feed/failed', feed, problem, retryAt: null } : { type: 'feed/healthy', feed });
  }

  judge(recording: Recorder): Verdict {
    const { bug } = this.latest.value;
    const ended = finalVerdict(this.latest.value, this.given?.verdict ?? null, this.interrupt.signal(), {
      bug: bug && bugProblem(bug.error, recording.kept()),
      denied: this.trouble.denied(),
    });
    return { ...ended, problems: ended.problems.map(hidden(this.wired.ports.logs.scrub)) };
  }

  async tell(verdict: Verdict, view: View, recording: Recorder): Promise<void> {
    const now = this.latest.value;
    this.verdict$.next(verdict);
    this.verdict$.complete();
    // What had come up, not what is left after it was taken down again.
    await inTime(view.close(this.shown(this.given?.state ?? now), verdict), this.interrupt);
    await inTime(recording.close(), this.interrupt);
    if (this.request.view !== 'json' || now.bug !== null || this.trouble.denied() !== null)
      for (const problem of verdict.problems) process.stderr.write(complaint(problem));
  }

  async close(): Promise<void> {
    this.all.unsubscribe();
    this.view?.leave();
    // Who follows the logs hears the last lines before the line is cut.
    await inTime(this.wired.close(), this.interrupt);
    this.socket?.close();
    this.holding?.close();
    for (const listening of [this.interrupt, this.trouble, this.output]) listening.close();
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
