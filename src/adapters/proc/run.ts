// One command as a stream of what it does. It leads a process group of its own, and the stream completes when nothing
// that came from it is left.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { Observable, type Subscriber } from 'rxjs';
import { limits } from '../../model/limits.ts';
import type { ProcEvent, ProcSpec } from '../../model/ports.ts';
import { ProblemError } from '../../model/problems/problem.ts';
import { onAbort } from '../../operators/promises/on-abort.ts';
import { type Family, familyOf, markName } from './family.ts';
import { end, kill } from './termination.ts';

/** See `ProcPort.run`. Errors with a problem when the command or its directory does not exist. All that comes of it carries `mark`, which is its alone. */
export function run(
  spec: ProcSpec,
  stop: AbortSignal,
  graceMs: number = limits.killGraceMs,
  mark: string = randomUUID(),
  inherited: Readonly<NodeJS.ProcessEnv> = process.env,
): Observable<ProcEvent> {
  return new Observable((subscriber) => {
    if (stop.aborted) {
      subscriber.next({ is: 'exited', code: null, signal: 'SIGTERM' });
      return subscriber.complete();
    }
    const child = start(spec, { ...inherited, ...spec.env, [markName]: mark }, subscriber);
    if (!child?.pid) return;
    const family = familyOf(child.pid, mark);
    subscriber.next({ is: 'started', pid: child.pid });
    pass(child, subscriber);
    feed(child, spec.stdin);
    let ending: Promise<number> | null = null;
    let over = false;
    const ask = () => {
      ending ??= end(family, graceMs);
    };
    const off = onAbort(stop, ask);
    subscriber.add(() => {
      off();
      if (!over) kill(family);
      child.stdout?.destroy();
      child.stderr?.destroy();
    });
    child.once('exit', async (code, signal) => {
      const isLast = ending === null && family.members().length === 0;
      if (!isLast) ask();
      const left = await rest(child, family, ending);
      over = true;
      if (left > 0) return subscriber.error(unkillable(left));
      subscriber.next({ is: 'exited', code, signal });
      subscriber.complete();
    });
  });
}

function start(spec: ProcSpec, env: NodeJS.ProcessEnv, subscriber: Subscriber<ProcEvent>): ChildProcess | null {
  const [file, ...args] = typeof spec.cmd === 'string' ? ['/bin/sh', '-c', spec.cmd] : spec.cmd;
  try {
    const stdio = [spec.stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'] as const;
    const child = spawn(file ?? '', args, { cwd: spec.dir, env, stdio: [...stdio], detached: true });
    child.on('error', (error) => subscriber.error(notStarted(spec, file ?? '', error)));
    return child;
  } catch (error) {
    subscriber.error(notStarted(spec, file ?? '', error as Error));
    return null;
  }
}

/** The kernel says ENOENT for a missing directory, a missing program and a missing interpreter alike. */
function notStarted(spec: ProcSpec, file: string, error: NodeJS.ErrnoException): ProblemError {
  if (!statSync(spec.dir, { throwIfNoEntry: false })?.isDirectory()) {
    const what = `cannot run ${file}: its directory ${spec.dir} does not exist`;
    return new ProblemError({ kind: 'yours', code: 'S401', what, hint: 'create it, or correct `dir`' });
  }
  if (error.code === 'ENOENT') {
    const hint = `install ${file}, or put its directory on the PATH`;
    return new ProblemError({ kind: 'yours', code: 'S400', what: `${file} was not found`, hint });
  }
  if (error.code === 'EACCES') {
    const hint = `chmod +x ${file}`;
    return new ProblemError({ kind: 'yours', code: 'S402', what: `${file} may not be run: permission denied`, hint });
  }
  return new ProblemError({ kind: 'step', code: 'S403', what: `${file} could not be started: ${error.message}` });
}

function pass(child: ChildProcess, subscriber: Subscriber<ProcEvent>): void {
  for (const stream of ['stdout', 'stderr'] as const) {
    // Chunks of at most 64 KiB, handed on before the next is read: the pipe is the buffer, its writer waits for us.
    child[stream]?.on('data', (chunk: Uint8Array) => subscriber.next({ is: 'output', stream, chunk }));
  }
}

function feed(child: ChildProcess, text: string | undefined): void {
  // A command that does not read its input closes it: no fault of anybody.
  child.stdin?.on('error', () => {});
  child.stdin?.end(text);
}

/** Waits until nothing of it is left (`ending`: null where nothing was) and all output was passed on; how many processes could not be killed. */
async function rest(child: ChildProcess, family: Family, ending: Promise<number> | null): Promise<number> {
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await ending;
  // Whoever joined after the ending began: the leader may have forked while it died.
  const left = ending !== null && family.members().length > 0 ? await end(family, 0) : 0;
  const timer = setTimeout(() => {
    child.stdout?.destroy();
    child.stderr?.destroy();
  }, limits.outputCloseMs);
  await closed;
  clearTimeout(timer);
  return left;
}

function unkillable(left: number): ProblemError {
  const what = `${left} process${left === 1 ? '' : 'es'} of this command could not be killed`;
  return new ProblemError({ kind: 'step', code: 'S404', what, hint: 'look for state D in the output of `ps`' });
}
