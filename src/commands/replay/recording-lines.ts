// The lines of a recording as actions, or why it is none: cut off, something else, not there.
import { createReadStream } from 'node:fs';
import type { Action } from '../../model/fact.ts';
import { limits } from '../../model/limits.ts';
import { ProblemError } from '../../model/problems/problem.ts';
import { parseJson } from '../../model/text/json.ts';
import { lookup } from '../../model/text/lookup.ts';

export interface Recorded {
  readonly action: Action;
  /** From 1. */
  readonly line: number;
}

/** In their order. Rejects with a problem at the line that is no action. */
export async function* actionsOf(file: string): AsyncGenerator<Recorded> {
  let [line, count, last] = [0, 0, 0];
  let broken: number | null = null;
  for await (const text of linesOf(file)) {
    line++;
    if (text.trim() === '') continue;
    if (broken !== null) throw noFact(file, broken);
    const value = jsonOf(text);
    if (line === 1 && !isAction(value)) throw noRecording(file, value, text);
    if (value === undefined) broken = line;
    else if (!isAction(value)) throw noFact(file, line);
    else {
      count++;
      last = value.seq;
      yield { action: value, line };
    }
  }
  if (count === 0) throw unusable(`${file} is empty`, make);
  if (broken !== null)
    throw unusable('the recording ends in the middle of this line', `all before it can be played: --until ${last}`, {
      file,
      line: broken,
      column: 1,
    });
}

const make = 'make a recording with `sluice up --record FILE`';

const isAction = (value: unknown): value is Action => {
  const { type, seq, at } = (value ?? {}) as Partial<Action>;
  return typeof type === 'string' && typeof seq === 'number' && typeof at === 'number' && !streamed.has(type);
};

/** Records of `up --json`: another stream, which has states instead of facts. */
const streamed: ReadonlySet<string> = new Set(['session', 'state', 'patch', 'log', 'verdict']);

function jsonOf(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

function noRecording(file: string, value: unknown, text: string): ProblemError {
  const type = (value as { type?: unknown } | null | undefined)?.type;
  if (typeof type === 'string' && streamed.has(type))
    return unusable(`${file} is the output of \`up --json\`, which cannot be played`, make);
  const isText = !/[\0\uFFFD]/.test(text);
  return unusable(`${file} is no recording: ${isText ? 'its first line is no fact' : 'it is no text'}`, make);
}

const noFact = (file: string, line: number): ProblemError =>
  unusable(
    'this line is no fact of a recording',
    'take a recording as sluice wrote it',
    { file, line, column: 1 },
    'S632',
  );

const unusable = (
  what: string,
  hint: string,
  at?: { readonly file: string; readonly line: number; readonly column: number },
  code = 'S631',
): ProblemError => new ProblemError({ kind: 'yours', code, what, hint, ...(at ? { at } : {}) });

/** Without their ends; one without end is not gathered for ever. */
async function* linesOf(file: string): AsyncGenerator<string> {
  let open: string[] = [];
  let size = 0;
  try {
    for await (const chunk of createReadStream(file, 'utf8') as AsyncIterable<string>) {
      const [first = '', ...rest] = chunk.split('\n');
      open.push(first);
      size += first.length;
      if (size > limits.recordedLineBytes) throw unusable(`${file} is no recording: it has a line without end`, make);
      for (const text of rest) {
        yield open.join('');
        [open, size] = [[text], text.length];
      }
    }
    if (size > 0) yield open.join('');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw unusable(lookup(reasons, code)?.(file) ?? `the recording ${file} cannot be read: ${code}`, make);
  }
}

const reasons: Readonly<Record<string, (file: string) => string>> = {
  ENOENT: (file) => `there is no file ${file}`,
  EISDIR: (file) => `${file} is a directory`,
  EACCES: (file) => `you may not read ${file}`,
};
