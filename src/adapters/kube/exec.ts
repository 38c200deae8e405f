// A command in a container over one WebSocket (v5, else v4): half-closed input, exit code, back-pressure both ways.
import { Readable, Writable } from 'node:stream';
import { limits } from '../../model/limits.ts';
import type { ExecOptions, ExecStream } from '../../model/ports.ts';
import { onAbort } from '../../operators/promises/on-abort.ts';
import { failure, type Status, statusOf } from './failure.ts';
import type { KubeHttp } from './http.ts';
import { lostConnection, openSocket, type PodSocket } from './socket.ts';

interface ExecPlace {
  readonly namespace: string;
  readonly name: string;
  readonly container: string;
}

const channels = { stdin: 0, stdout: 1, stderr: 2, status: 3, close: 255 } as const;
/** Only v5 (servers from 1.30 on) can tell a command that its input has ended. */
const v5 = 'v5.channel.k8s.io';
const v4 = 'v4.channel.k8s.io';

/** Output of one channel. The socket goes on when this one wants more and the other is not full: they share it. */
function output(socket: PodSocket, other: () => Readable): Readable {
  return new Readable({
    highWaterMark: limits.podBufferBytes,
    read() {
      if (other().readableLength < limits.podBufferBytes) socket.resume();
    },
  });
}

function input(socket: PodSocket): Writable {
  return new Writable({
    highWaterMark: limits.podBufferBytes,
    write(chunk: Buffer, _encoding, done) {
      const sendFrom = (start: number): void => {
        const part = chunk.subarray(start, start + limits.podFrameBytes);
        const next = start + part.length;
        socket.send(channels.stdin, part, (error) => (error || next >= chunk.length ? done(error) : sendFrom(next)));
      };
      sendFrom(0);
    },
    final(done) {
      // A v4 server knows no half close, and closing the socket would lose the output: the command must end by itself.
      if (socket.protocol === v5) socket.send(channels.close, Buffer.from([channels.stdin]), done);
      else done();
    },
  });
}

/** What a shell would say: 127 for a program that is not there, 126 for one that cannot be run. */
function startFailure(message: string): number | null {
  if (/executable file not found|no such file or directory/.test(message)) return 127;
  if (/permission denied|exec format error|is a directory/.test(message)) return 126;
  return null;
}

function exitCode(status: Status, success: boolean): number | null {
  if (success) return 0;
  const code = status.causes.find((cause) => cause.reason === 'ExitCode')?.message;
  return code !== undefined && /^\d+$/.test(code) ? Number(code) : null;
}

function connectStreams(socket: PodSocket, what: string): ExecStream {
  const stdout: Readable = output(socket, () => stderr);
  const stderr: Readable = output(socket, () => stdout);
  const stdin = input(socket);
  let settle: { resolve: (exit: { code: number }) => void; reject: (error: Error) => void };
  const exit = new Promise<{ code: number }>((resolve, reject) => {
    settle = { resolve, reject };
  });
  exit.catch(() => {});
  stdin.on('error', () => {});

  const finish = (result: { code: number } | Error) => {
    for (const stream of [stdout, stderr]) if (!stream.readableEnded && !stream.destroyed) stream.push(null);
    stdin.destroy();
    if (result instanceof Error) settle.reject(result);
    else settle.resolve(result);
  };

  const onStatus = (data: Buffer): void => {
    const status = statusOf(data.toString(), 500);
    const code = exitCode(status, /"status"\s*:\s*"Success"/.test(data.toString())) ?? null;
    const failed = code === null ? startFailure(status.message) : null;
    if (failed !== null) stderr.push(`${status.message}\n`);
    const result = code ?? failed;
    finish(
      result === null
        ? failure('step', 'S320', `command in ${what} could not be run: ${status.message}`)
        : { code: result },
    );
    socket.drop();
  };

  let isOver = false;
  socket.onFrame = (channel, data) => {
    if (isOver) return;
    const stream = channel === channels.stdout ? stdout : channel === channels.stderr ? stderr : null;
    if (stream) {
      if (data.length > 0 && !stream.push(data)) socket.pause();
    } else if (channel === channels.status) {
      isOver = true;
      onStatus(data);
    }
  };
  socket.onClose = () => {
    if (isOver) return;
    isOver = true;
    finish(lostConnection(`command in ${what}`));
  };
  return { stdin, stdout, stderr, exit, drop: () => socket.drop() };
}

/**
 * Runs `cmd`. Both outputs must be read: one that is full holds up the other and the exit code. `exit` resolves after
 * the last output; it rejects with S320 (not run) or S321 (connection lost, the command may go on). Aborting drops. Of a
 * command that ended, a server may lose what a slow reader has still to take (kubernetes/kubernetes#124571): an answer that
 * must be whole says itself where it ends.
 */
export async function execInPod(
  http: KubeHttp,
  place: ExecPlace,
  cmd: readonly string[],
  options: ExecOptions,
  stop: AbortSignal,
) {
  const { namespace, name, container } = place;
  const request = {
    path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}/exec`,
    query: { container, command: cmd, stdin: options.stdin ? 'true' : undefined, stdout: 'true', stderr: 'true' },
    protocols: [v5, v4],
    subject: { verb: 'create', kind: 'pods/exec', name, namespace },
  };
  const socket = await openSocket(http, request, stop);
  const stream = connectStreams(socket, `${name} (${container})`);
  if (!options.stdin) stream.stdin.destroy();
  const off = onAbort([stop], () => socket.drop());
  stream.exit.then(off, off);
  return stream;
}
