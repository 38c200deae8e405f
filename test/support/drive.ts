// A whole session driven from outside: bin/sluice.js up --json in a project directory, its stream read as an editor would.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import type { PublicResource, PublicState } from '../../src/model/public-state.ts';
import { type LogRecord, Records, type Verdict } from './records.ts';
import { environment, program, runtimeDir } from './sluice.ts';

const DEADLINE_MS = 90_000;

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly verdict: Verdict | null;
  readonly stderr: string;
}

export interface Session {
  readonly pid: number;
  /** What further commands need to reach this session's socket. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly records: Records;
  readonly state: PublicState;
  readonly logs: readonly LogRecord[];
  stderr(): string;
  resource(name: string): PublicResource;
  /** Resolves with the state in which `holds` is true; fails after `deadlineMs`, naming `what` and showing the last records. */
  until(holds: (state: PublicState) => boolean, what: string, deadlineMs?: number): Promise<PublicState>;
  /** The first log line, past ones included, that `holds` is true of. */
  logged(holds: (line: LogRecord) => boolean, what: string, deadlineMs?: number): Promise<LogRecord>;
  /** Nothing runs, nothing is pending, no timer is due. */
  idle(deadlineMs?: number): Promise<PublicState>;
  /** Saves a file and waits until the change was seen and everything came to rest again. */
  save(path: string, text: string, deadlineMs?: number): Promise<PublicState>;
  /** Ctrl-C, then waits for the end; fails unless it ends with `code`. */
  stop(code?: number): Promise<Ending>;
  readonly ended: Promise<Ending>;
}

/** `args` follow `up --json`. The session is killed, and the test fails on its end, if a test leaves it running. */
export function drive(
  dir: string,
  args: readonly string[] = [],
  options: { readonly env?: Readonly<Record<string, string | undefined>>; readonly command?: string } = {},
): Session {
  const env = { XDG_RUNTIME_DIR: runtimeDir(), ...options.env };
  const child = spawn(process.execPath, [program, options.command ?? 'up', '--json', ...args], {
    cwd: dir,
    env: environment(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const records = new Records();
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const look of waiting) look();
  };
  let stderr = '';
  let broken: Error | null = null;
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr = (stderr + text).slice(-20_000);
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    try {
      records.take(line);
    } catch (error) {
      broken ??= new Error(`stdout is no proper stream: ${(error as Error).message}`);
    }
    wake();
  });
  let over: Ending | null = null;
  const ended = once(child, 'close').then(([code, signal]): Ending => {
    over = { code, signal, verdict: records.verdict, stderr };
    wake();
    return over;
  });
  onTestFinished(async () => {
    if (over === null) child.kill('SIGINT');
    const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
    await ended;
    clearTimeout(timer);
  });

  const report = (what: string) =>
    new Error(
      `${what}\n--- exit: ${over === null ? 'still running' : `${over.code} ${over.signal}`}\n--- stderr\n${stderr}\n--- last records\n${records.recent.join('\n')}`,
    );

  function waitFor<T>(look: () => T | null, what: string, deadlineMs = DEADLINE_MS): Promise<T> {
    return new Promise((resolve, reject) => {
      const done = (settle: () => void) => {
        clearTimeout(timer);
        waiting.delete(check);
        settle();
      };
      const check = () => {
        const found = look();
        if (broken !== null) done(() => reject(report((broken as Error).message)));
        else if (found !== null) done(() => resolve(found));
        else if (over !== null) done(() => reject(report(`the session ended before ${what}`)));
      };
      const timer = setTimeout(() => done(() => reject(report(`not within ${deadlineMs} ms: ${what}`))), deadlineMs);
      waiting.add(check);
      check();
    });
  }

  const until: Session['until'] = (holds, what, deadlineMs) =>
    waitFor(() => (records.state !== null && holds(records.state) ? records.state : null), what, deadlineMs);

  return {
    pid: child.pid as number,
    env,
    records,
    ended,
    get state() {
      if (records.state === null) throw report('no state yet');
      return records.state;
    },
    logs: records.logs,
    stderr: () => stderr,
    resource(name) {
      const found = records.state?.resources[name];
      if (found === undefined) throw report(`no resource ${name}`);
      return found;
    },
    until,
    logged: (holds, what, deadlineMs) => waitFor(() => records.logs.find(holds) ?? null, what, deadlineMs),
    idle: (deadlineMs) => until((state) => state.idle && state.phase === 'up', 'the session is idle', deadlineMs),
    async save(path, text, deadlineMs) {
      const before = records.state?.changes.seen ?? 0;
      writeFileSync(join(dir, path), text);
      return until(
        (state) => state.changes.seen > before && state.idle,
        `${path} was taken in and all is idle`,
        deadlineMs,
      );
    },
    async stop(code = 130) {
      child.kill('SIGINT');
      const timer = setTimeout(() => child.kill('SIGKILL'), 30_000);
      const ending = await ended;
      clearTimeout(timer);
      if (ending.code !== code) throw report(`ended with ${ending.code ?? ending.signal}, not ${code}`);
      return ending;
    },
  };
}
