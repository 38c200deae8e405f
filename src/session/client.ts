// Talks to the running session of this project: one request, one answer.
import net from 'node:net';
import { createInterface } from 'node:readline';
import { type Problem, ProblemError } from '../model/problem.ts';
import { configFile } from './config-file.ts';
import { socketPath } from './socket-path.ts';

/** Resolves with the result; rejects with a ProblemError when there is no session, it says no, or `stop` was aborted. */
export async function request(
  what: Readonly<Record<string, unknown>>,
  options: {
    readonly file: string | null;
    readonly env: Readonly<Record<string, string | undefined>>;
    readonly stop?: AbortSignal;
  },
): Promise<unknown> {
  const file = await configFile(options.file);
  const socket = await connect(socketPath(file, options.env), file);
  const drop = (): void => void socket.destroy();
  options.stop?.addEventListener('abort', drop);
  try {
    const reply = await new Promise<string>((resolve, reject) => {
      createInterface({ input: socket }).once('line', resolve);
      socket.once('close', () => reject(new ProblemError(gone)));
      socket.write(`${JSON.stringify({ id: 1, ...what })}\n`);
    });
    const parsed = JSON.parse(reply) as { ok: boolean; result?: unknown; problem?: Problem };
    if (parsed.ok) return parsed.result;
    throw new ProblemError(parsed.problem ?? gone);
  } finally {
    options.stop?.removeEventListener('abort', drop);
    drop();
  }
}

const gone: Problem = {
  kind: 'unavailable',
  code: 'S629',
  what: 'the session ended before it answered',
  hint: 'start it again with `sluice up`',
};

function connect(path: string, file: string): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(path);
    socket.once('connect', () => resolve(socket));
    socket.once('error', () =>
      reject(
        new ProblemError({
          kind: 'yours',
          code: 'S630',
          what: `no session is running for ${file}`,
          hint: 'start one with `sluice up`',
        }),
      ),
    );
  });
}
