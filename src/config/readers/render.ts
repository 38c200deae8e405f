// Manifests printed by a program of the user's: kustomize, helm, or a shell command.
import { resolve } from 'node:path';
import { limits } from '../../model/limits.ts';
import type { ProcEvent } from '../../model/ports.ts';
import { isProblemError, type Problem, ProblemError, type SourcePos } from '../../model/problem.ts';
import type { Loading } from '../loading.ts';

export interface Rendering {
  /** A string is shell text. */
  readonly cmd: string | readonly string[];
  /** How messages name it. */
  readonly name: string;
  readonly at: SourcePos;
}

/** What it prints. Rejects with a problem when it fails, prints too much, or takes too long; nothing of it is left then. */
export async function rendered({ cmd, name, at }: Rendering, loading: Loading): Promise<string> {
  const { dir, env, proc, stop } = loading;
  const own = new AbortController();
  const timeout = AbortSignal.timeout(limits.renderMs);
  const out: Uint8Array[] = [];
  let [size, errors, exit] = [0, '', null as Extract<ProcEvent, { is: 'exited' }> | null];
  const decoder = new TextDecoder();
  await proc.run({ cmd, dir, env }, AbortSignal.any([stop, own.signal, timeout])).forEach((event) => {
    if (event.is === 'exited') exit = event;
    if (event.is !== 'output') return;
    if (event.stream === 'stderr')
      errors = (errors + decoder.decode(event.chunk, { stream: true })).slice(-limits.renderErrorBytes);
    else {
      size += event.chunk.length;
      if (size > limits.manifestBytes) own.abort();
      else out.push(event.chunk.slice());
    }
  });
  stop.throwIfAborted();
  const fault = (code: string, what: string, kind: Problem['kind'] = 'yours'): ProblemError =>
    new ProblemError({ kind, code, what, at, logTail: tail(errors) });
  if (own.signal.aborted)
    throw fault('S125', `${name} printed more than ${limits.manifestBytes >> 20} MB of manifests`);
  if (timeout.aborted) throw fault('S124', `${name} did not end within ${limits.renderMs / 1_000} s`, 'timeout');
  const { code, signal } = exit ?? { code: null, signal: null };
  if (code !== 0)
    throw fault(
      'S124',
      `${name} failed: ${
        tail(errors)
          .findLast((line) => /\w/.test(line))
          ?.trim() ?? (code === null ? `ended by ${signal}` : `exit code ${code}`)
      }`,
    );
  return Buffer.concat(out).toString('utf8');
}

/** The first of several programs that is installed. */
export async function renderedByAny(
  ways: readonly Rendering[],
  missing: string,
  hint: string,
  loading: Loading,
): Promise<string> {
  for (const way of ways)
    try {
      return await rendered(way, loading);
    } catch (error) {
      if (!isProblemError(error) || error.problem.code !== 'S400') throw error;
    }
  throw new ProblemError({
    kind: 'yours',
    code: 'S123',
    what: missing,
    hint,
    at: ways[0]?.at ?? { file: resolve(loading.dir), line: 1, column: 1 },
  });
}

/** Last lines of what a program said, without what could steer a terminal. */
const tail = (text: string): string[] =>
  text
    .replace(/\u001b\[[0-9;?]*[ -/]*[@-~]|[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-limits.problemLogLines);
