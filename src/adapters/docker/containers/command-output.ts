// A hijacked connection as the streams of a command: both outputs told apart, or those of a terminal as they come.
import { once } from 'node:events';
import type { Duplex, Writable } from 'node:stream';
import { PassThrough } from 'node:stream';
import type { ExecStream } from '../../../model/ports.ts';
import { onAbort } from '../../../operators/promises/on-abort.ts';
import { framesOf } from './frames.ts';

/** `end` resolves when the connection has; `over` cuts it. */
export function outputOf(
  connection: Duplex,
  tty: boolean,
  over: AbortSignal,
): Omit<ExecStream, 'exit' | 'resize'> & { readonly end: Promise<void> } {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const drop = () => void connection.destroy();
  const end = passed(connection, tty, stdout, stderr).finally(onAbort(over, drop));
  end.catch(() => {});
  return { stdin: connection, stdout, stderr, drop, end };
}

async function passed(connection: Duplex, tty: boolean, stdout: Writable, stderr: Writable): Promise<void> {
  const closed = once(connection, 'close').then(() => 'closed' as const);
  const write = async (to: Writable, chunk: Buffer) => {
    if (!to.write(chunk)) await Promise.race([once(to, 'drain'), closed]);
  };
  try {
    if (tty) for await (const chunk of connection) await write(stdout, chunk);
    else
      for await (const { stream, chunk } of framesOf(connection))
        await write(stream === 'stdout' ? stdout : stderr, chunk);
  } finally {
    stdout.end();
    stderr.end();
    connection.destroy();
  }
}
