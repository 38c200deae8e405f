// Manifests printed by a program of the user's: kustomize, helm, or a shell command.
import { resolve } from 'node:path';
import { limits } from '../../../model/limits.ts';
import type { ProcEvent } from '../../../model/ports.ts';
import { problemCodes } from '../../../model/problems/code-names.ts';
import { excerptOf } from '../../../model/problems/excerpt.ts';
import { hasCode, type Problem, ProblemError, type SourcePos } from '../../../model/problems/problem.ts';
import type { Loading } from '../../load-context.ts';

export interface Rendering {
  /** A string is shell text. */
  readonly cmd: string | readonly string[];
  /** How messages name it. */
  readonly name: string;
  readonly at: SourcePos;
  /** Why it failed, and where, as far as that can be seen here; its own words name what it tried. */
  readonly explain?: ((said: string) => Promise<Explained | null>) | undefined;
}

export interface Explained {
  readonly why?: string;
  readonly hint?: string;
  readonly at?: SourcePos;
}

/** What it prints. Rejects with a problem when it fails, prints too much, or takes too long; nothing of it is left then. */
export async function rendered({ cmd, name, at, explain }: Rendering, loading: Loading): Promise<string> {
  const { dir, env, proc, stop } = loading;
  const own = new AbortController();
  const timeout = AbortSignal.timeout(limits.renderMs);
  const out: Uint8Array[] = [];
  let [bytes, errors, exit] = [0, '', null as Extract<ProcEvent, { is: 'exited' }> | null];
  const decoder = new TextDecoder();
  await proc.run({ cmd, dir, env }, AbortSignal.any([stop, own.signal, timeout])).forEach((event) => {
    if (event.is === 'exited') exit = event;
    if (event.is !== 'output') return;
    if (event.stream === 'stderr')
      errors = (errors + decoder.decode(event.chunk, { stream: true })).slice(-limits.renderErrorBytes);
    else {
      bytes += event.chunk.length;
      if (bytes > limits.manifestBytes) own.abort();
      else out.push(event.chunk.slice());
    }
  });
  stop.throwIfAborted();
  const said = tail(errors).length > 0 ? { logTail: tail(errors) } : {};
  const fault = (code: string, what: string, kind: Problem['kind']): ProblemError =>
    new ProblemError({ kind, code, what, at, ...said });
  const size = `${limits.manifestBytes >> 20} MB`;
  if (own.signal.aborted) throw fault('S125', `${name} printed more than ${size} of manifests`, 'yours');
  if (timeout.aborted) throw fault('S124', `${name} did not end within ${limits.renderMs / 1_000} s`, 'timeout');
  const { code, signal } = exit ?? { code: null, signal: null };
  if (code === 0) return Buffer.concat(out).toString('utf8');
  const ending = code === null ? `ended by ${signal}` : `exit code ${code}`;
  throw new ProblemError(await failed({ cmd, name, at, explain }, errors, code, ending, loading));
}

async function failed(
  { name, at: own, explain }: Rendering,
  errors: string,
  code: number | null,
  ending: string,
  loading: Loading,
): Promise<Problem> {
  const { why, hint = hintOf(errors, code), at = own } = (await explain?.(errors)) ?? {};
  const reason = why ?? reasonIn(errors) ?? ending;
  const logTail = tail(errors).filter((line) => !line.endsWith(reason) && !/--debug flag/.test(line));
  return {
    kind: 'yours',
    code: 'S124',
    what: `${name} failed: ${reason}`,
    at,
    ...(await lineAt(at, own, loading)),
    ...(hint ? { hint } : {}),
    ...(logTail.length > 0 ? { logTail } : {}),
  };
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
      if (!hasCode(error, problemCodes.noProgram)) throw error;
    }
  throw new ProblemError({
    kind: 'yours',
    code: 'S123',
    what: missing,
    hint,
    at: ways[0]?.at ?? { file: resolve(loading.dir), line: 1, column: 1 },
  });
}

/** Of another file than sluice.yaml, whose lines the report adds. Nothing of what may be a Secret. */
async function lineAt(place: SourcePos, own: SourcePos, { disk }: Loading): Promise<Pick<Problem, 'excerpt'>> {
  if (place.file === own.file) return {};
  const text = await disk.readText(place.file, { most: limits.configBytes }).catch(() => '');
  const excerpt = /\bSecret\b/.test(text) ? null : excerptOf(text, place);
  return excerpt ? { excerpt } : {};
}

/** The line that says why: the error of a program that goes on with advice, else the last. */
function reasonIn(errors: string): string | null {
  const lines = tail(errors).filter((line) => /\w/.test(line));
  const told = lines.find((line) => /^error:/i.test(line)) ?? lines.at(-1);
  return told?.replace(/^error: /i, '').trim() ?? null;
}

function hintOf(errors: string, code: number | null): string | null {
  if (code === 127 || /: (command )?not found$/m.test(errors))
    return 'is the program installed, and its directory on the PATH?';
  const [, repository] = /repo (\S+) not found/.exec(errors) ?? [];
  if (repository) return `helm repo add ${repository} URL, or name a chart in a directory: ./charts/NAME`;
  if (/nil pointer evaluating/.test(errors))
    return 'a value that the template uses is not set: give it under values or set';
  return errors.trim() === '' ? 'run it by hand to see why' : null;
}

/** Last lines of what a program said, without what could steer a terminal. */
const tail = (text: string): string[] =>
  text
    .replace(/\u001b\[[0-9;?]*[ -/]*[@-~]|[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-limits.problemLogLines);
