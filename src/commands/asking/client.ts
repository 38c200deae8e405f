// Talks to the running session of this project: one request, one answer, or as many as come to who follows.
import net from 'node:net';
import { createInterface } from 'node:readline';
import { type Problem, ProblemError } from '../../model/problems/problem.ts';
import { onAbort } from '../../operators/promises/on-abort.ts';
import { sessionFile } from '../../session/config-file.ts';
import type { Answer } from '../../session/requests/answer.ts';
import { oddSocket, socketPath } from '../../session/requests/socket-path.ts';

export interface AskOptions {
  readonly file: string | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stop?: AbortSignal;
}

type Ask = Readonly<Record<string, unknown>>;

/** Resolves with the result; rejects with a ProblemError when there is no session, it says no, or `stop` was aborted. */
export async function request(what: Ask, options: AskOptions): Promise<unknown> {
  for await (const result of requests(what, options)) return result;
  throw new ProblemError(gone);
}

/**
 * The results as they come, until the last one. A session that ends ends them as well once one has come: who follows has
 * heard all. Rejects as `request` does.
 */
export async function* requests(what: Ask, { file: named, env, stop }: AskOptions): AsyncGenerator<unknown> {
  const file = await sessionFile(named, env);
  const socket = await connect(socketPath(file, env), file);
  const drop = (): void => void socket.destroy();
  const off = onAbort(stop ?? [], drop);
  let hasAnswer = false;
  try {
    socket.write(`${JSON.stringify({ id: 1, ...what })}\n`);
    const lines = createInterface({ input: socket });
    // A socket that is cut off closes and has no end.
    socket.once('close', () => lines.close());
    for await (const line of lines) {
      const answer = parsed(line);
      if (!answer.ok) throw new ProblemError(answer.problem);
      hasAnswer = true;
      yield answer.result;
      if (answer.more !== true) return;
    }
    if (!hasAnswer) throw new ProblemError(gone);
  } finally {
    off();
    drop();
  }
}

function parsed(line: string): Answer {
  try {
    const answer: unknown = JSON.parse(line);
    if (typeof (answer as Answer | null)?.ok === 'boolean') return answer as Answer;
  } catch {
    // Told below: whatever answers there is no session of ours.
  }
  throw new ProblemError(noAnswer);
}

const gone: Problem = {
  kind: 'unavailable',
  code: 'S629',
  what: 'the session ended before it answered, or has too many clients',
  hint: '`sluice up` starts a session',
};

const noAnswer: Problem = {
  kind: 'unavailable',
  code: 'S638',
  what: 'what listens on the session’s socket gave no answer of a session',
  hint: 'end that program; `sluice up` starts a session',
};

function connect(path: string, file: string): Promise<net.Socket> {
  const odd = oddSocket(path);
  if (odd) return Promise.reject(new ProblemError(odd));
  return new Promise((resolve, reject) => {
    const socket = net.connect(path);
    // It may be cut off at any moment; that it is over is heard by its end.
    socket.once('connect', () => resolve(socket.off('error', failed).on('error', () => socket.destroy())));
    const failed = (): void =>
      reject(
        new ProblemError({
          kind: 'yours',
          code: 'S630',
          what: `no session is running for ${file}`,
          hint: 'start one with `sluice up`',
        }),
      );
    socket.once('error', failed);
  });
}
