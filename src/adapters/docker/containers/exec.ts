// A command in a running container. The hijacked connection is used raw, so that both directions heed back-pressure.
import type { Duplex } from 'node:stream';
import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Exec } from 'dockerode';
import type { ExecOptions, ExecStream, WindowSize } from '../../../model/ports.ts';
import { abortError, ProblemError } from '../../../model/problems/problem.ts';
import type { Client } from '../connection/client.ts';
import { failureOf, lostProblem, messageOf, statusOf } from '../connection/failure.ts';
import { outputOf } from './command-output.ts';

/**
 * `exit` gives 126 or 127 and a text where the program is missing, and rejects when the connection or the daemon goes.
 * Docker has no call that ends an exec: an abort or `drop` cuts the streams, and a command that must die with them has
 * to watch its stdin.
 */
export async function exec(
  client: Client,
  container: string,
  cmd: readonly string[],
  options: ExecOptions,
  stop: AbortSignal,
): Promise<ExecStream> {
  const doing = `running ${cmd[0]} in ${container.slice(0, 12)}`;
  try {
    const made = await client.docker.getContainer(container).exec({
      Cmd: [...cmd],
      AttachStdout: !options.detached,
      AttachStderr: !options.detached,
      AttachStdin: options.stdin ?? false,
      ...(options.tty ? { Tty: true } : {}),
      ...(options.user ? { User: options.user } : {}),
      ...(options.privileged ? { Privileged: true } : {}),
      ...(options.dir ? { WorkingDir: options.dir } : {}),
      ...(options.env?.length ? { Env: [...options.env] } : {}),
      abortSignal: stop,
    });
    const tty = options.tty ?? false;
    const connection = await start(made, { tty, detached: options.detached ?? false }, stop);
    if (options.detached) return detached(connection);
    return connection instanceof PassThrough
      ? failedStream(connection, 127)
      : { ...streamOf(client, made, connection, tty, doing, stop), ...(tty ? { resize: resizing(made) } : {}) };
  } catch (error) {
    throw failureOf(error, client.endpoint, doing, stop);
  }
}

/** Engines since 25 refuse the start of a missing program; older ones run it, write the text and exit with 126. */
async function start(
  made: Exec,
  { tty, detached }: { readonly tty: boolean; readonly detached: boolean },
  stop: AbortSignal,
): Promise<Duplex | PassThrough> {
  try {
    const asked = { hijack: !detached, stdin: !detached, Detach: detached, Tty: tty, abortSignal: stop };
    return await made.start(asked as Parameters<Exec['start']>[0]);
  } catch (error) {
    const isMissing =
      statusOf(error) !== null &&
      /executable file not found|no such file or directory|permission denied/.test(messageOf(error));
    if (!isMissing) throw error;
    const text = new PassThrough();
    text.end(`${messageOf(error)}\n`);
    return text;
  }
}

const empty = () => new PassThrough().end() as PassThrough;

/** The answer to a start that nobody stays for: nothing, or why it failed. */
function detached(answer: Duplex | PassThrough): ExecStream {
  if (answer instanceof PassThrough) return failedStream(answer, 127);
  answer.resume();
  return failedStream(empty(), 0);
}

function failedStream(text: PassThrough, code: number): ExecStream {
  return {
    stdin: new PassThrough().resume(),
    stdout: empty(),
    stderr: text,
    exit: Promise.resolve({ code }),
    drop: () => {},
  };
}

/** Of one that has ended there is nothing to resize. */
const resizing =
  (made: Pick<Exec, 'resize'>) =>
  async ({ rows, columns }: WindowSize): Promise<void> =>
    void (await made.resize({ h: rows, w: columns }).catch(() => {}));

function streamOf(
  client: Client,
  made: Exec,
  connection: Duplex,
  tty: boolean,
  doing: string,
  stop: AbortSignal,
): ExecStream {
  const over = AbortSignal.any([stop, client.closed]);
  const { end, ...streams } = outputOf(connection, tty, over);
  const exit = end
    .then(() => exitCode(made, over))
    .then((code) => {
      if (code === null) throw new ProblemError(lostProblem(client.endpoint, doing));
      return { code };
    })
    .catch((error) => {
      throw failureOf(error, client.endpoint, doing, over);
    });
  // Who drops the stream need not listen.
  exit.catch(() => {});
  return { ...streams, exit };
}

/** The stream ends a moment before the daemon knows the code, and much earlier when the command closed its output. */
async function exitCode(made: Exec, stop: AbortSignal): Promise<number | null> {
  for (let pause = 5; ; pause = Math.min(pause * 2, 500)) {
    if (stop.aborted) throw abortError();
    const { Running, ExitCode } = await made.inspect({ abortSignal: stop });
    if (!Running) return ExitCode;
    await sleep(pause, undefined, { signal: stop });
  }
}
