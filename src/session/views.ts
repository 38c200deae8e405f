// The three faces of a session: full screen, plain lines, NDJSON; and the report that `ci` ends with.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { lastValueFrom, type Observable, Subject, skipWhile, takeUntil } from 'rxjs';
import type { Verdict } from '../engine/verdict.ts';
import type { Fact } from '../model/fact.ts';
import { limits } from '../model/limits.ts';
import type { Ports } from '../model/ports.ts';
import type { PublicState } from '../model/public-state.ts';
import { unwritable } from './faults.ts';
import type { Answer } from './requests/answer.ts';

export type ViewKind = 'tui' | 'plain' | 'json' | 'ci';

export interface ViewRequest {
  readonly view: ViewKind;
  readonly logs: boolean;
  readonly color: boolean;
  readonly only: readonly string[];
  readonly runId: string;
  readonly dir: string;
  readonly socket: string;
  readonly title: string;
  readonly junit: string | null;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface ViewDeps {
  readonly steps$: Observable<{ state: PublicState; cause: string }>;
  readonly state$: Observable<PublicState>;
  readonly ports: Ports;
  readonly verdict$: Observable<Verdict>;
  /** To requests on stdin. */
  readonly answers$: Observable<Answer>;
  readonly put: (fact: Fact) => void;
  /** A view that broke: the session ends. */
  readonly failed: (error: unknown) => void;
}

export interface View {
  /** Gives the terminal back at once. */
  leave(): void;
  /** Shows the end and gives the terminal back. */
  close(last: PublicState | null, verdict: Verdict): Promise<void>;
}

/** Resolves once the view listens: what happens from then on is shown. */
export async function openView(request: ViewRequest, deps: ViewDeps): Promise<View> {
  const view = await faceOf(request, deps);
  const { junit } = request;
  if (junit === null) return view;
  return {
    leave: view.leave,
    async close(last, verdict) {
      await view.close(last, verdict);
      if (last) await junitReport(junit, last, verdict);
    },
  };
}

function faceOf(request: ViewRequest, deps: ViewDeps): Promise<View> {
  if (request.view === 'tui') return fullScreen(request, deps);
  if (request.view === 'json') return stream(request, deps);
  return lines(request, deps);
}

/** stdout carries the stream and nothing else; the verdict is its last line. */
async function stream(request: ViewRequest, { steps$, ports, verdict$, answers$, failed }: ViewDeps): Promise<View> {
  const { ndjsonView } = await import('../view/ndjson.ts');
  const session = { runId: request.runId, pid: process.pid, dir: request.dir, socket: request.socket };
  const done = lastValueFrom(
    ndjsonView({
      state$: steps$,
      logs: ports.logs,
      session,
      out: process.stdout,
      now: ports.now,
      includeLogs: request.logs,
      verdict$,
      answers$,
      scrub: ports.logs.scrub,
      scrubOutput: ports.logs.scrubOutput,
      failed,
    }),
    { defaultValue: null },
  ).catch(failed);
  return { leave: () => {}, close: async () => void (await inTime(done)) };
}

async function lines(request: ViewRequest, { state$, ports, failed }: ViewDeps): Promise<View> {
  const { plainView } = await import('../view/plain.ts');
  const end$ = new Subject<void>();
  const done = lastValueFrom(
    plainView({
      logs: { lines$: ports.logs.lines$.pipe(takeUntil(end$)) },
      // A first configuration that is broken ends the session, and its problems go to stderr.
      state$: state$.pipe(
        skipWhile(({ phase }) => phase !== 'up'),
        takeUntil(end$),
      ),
      out: process.stdout,
      color: request.color,
      isBrief: request.view === 'ci',
      ...(request.only.length > 0 ? { resources: [...request.only] } : {}),
    }),
    { defaultValue: null },
  ).catch(failed);
  return {
    leave: () => {},
    async close(last, verdict) {
      // Lines written in this turn are told in the next.
      await new Promise((resolve) => setImmediate(resolve));
      end$.next();
      end$.complete();
      await inTime(done);
      if (request.view === 'ci' && last) await report(request, last, verdict);
    },
  };
}

/** A reader that has stopped reading does not keep the session from ending. */
const inTime = (done: Promise<unknown>): Promise<unknown> =>
  Promise.race([done, sleep(limits.drainMs, null, { ref: false })]);

async function report(request: ViewRequest, last: PublicState, verdict: Verdict): Promise<void> {
  const { ciReport, githubAnnotations } = await import('../view/ci-report.ts');
  process.stdout.write(ciReport(last, verdict));
  if (request.env.GITHUB_ACTIONS === 'true') process.stdout.write(githubAnnotations(verdict.problems));
}

/** A file that was asked for is written, whatever stdout shows. */
async function junitReport(path: string, last: PublicState, verdict: Verdict): Promise<void> {
  const { junit } = await import('../view/junit.ts');
  try {
    writeFileSync(path, junit(last, verdict));
  } catch (error) {
    throw unwritable(`the report ${path}`, error as NodeJS.ErrnoException);
  }
}

async function fullScreen(request: ViewRequest, { state$, ports, put }: ViewDeps): Promise<View> {
  const { startTui } = await import('../view/tui/index.ts');
  const tui = startTui({
    state$,
    logs: ports.logs,
    act: (action) => put({ type: 'user/asked', action, by: 'tui' }),
    clearLogs: (resource) => ports.logs.clear(resource),
    input: process.stdin,
    output: process.stdout,
    env: request.env,
    now: ports.now,
    keysFile: join(request.env.XDG_CONFIG_HOME ?? join(homedir(), '.config'), 'sluice', 'keys.yaml'),
    openUrl,
    title: request.title,
  });
  void tui.closed.then(() => put({ type: 'user/asked', action: { do: 'stop' }, by: 'tui' }));
  return { leave: () => tui.close(), close: async () => tui.close() };
}

/** The desktop's own way; where there is none, nothing happens: the URL is on the screen. */
function openUrl(url: string): void {
  if (!/^https?:\/\//.test(url)) return;
  const opener = process.platform === 'darwin' ? 'open' : 'xdg-open';
  const child = spawn(opener, [url], { stdio: 'ignore', detached: true });
  child.on('error', () => {});
  child.unref();
}
