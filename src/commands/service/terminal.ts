// This terminal, or these pipes, as the input and output of a command in a container.
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ExecStream } from '../../model/ports.ts';

/** As the docker command line has it: a terminal where both ends are one, unless that is not wanted. */
export const wantsTerminal = (isRefused: boolean): boolean =>
  !isRefused && process.stdin.isTTY === true && process.stdout.isTTY === true;

interface Ends {
  readonly isTerminal: boolean;
  /** False: it reads nothing. */
  readonly isInteractive: boolean;
}

/** Resolves with what `over` does once all output is passed on; the terminal is as it was then. */
export async function passedOn<T>(
  stream: ExecStream,
  { isTerminal, isInteractive }: Ends,
  over: Promise<T>,
): Promise<T> {
  const { stdin, stdout } = process;
  const fit = () => void stream.resize?.({ rows: stdout.rows, columns: stdout.columns });
  if (isTerminal) {
    // Keys go through as they are, Ctrl-C too: they are for the command.
    stdin.setRawMode(true);
    stdout.on('resize', fit);
    fit();
  }
  // What nobody reads any more ends the streams, not the command.
  if (isInteractive) stdin.pipe(stream.stdin);
  else stream.stdin.end();
  stream.stdin.on('error', () => {});
  const passed = (from: Readable, to: NodeJS.WriteStream) => pipeline(from, to, { end: false }).catch(() => {});
  try {
    const [result] = await Promise.all([over, passed(stream.stdout, stdout), passed(stream.stderr, process.stderr)]);
    return result;
  } finally {
    if (isTerminal) {
      stdout.off('resize', fit);
      stdin.setRawMode(false);
    }
    stdin.unpipe().destroy();
  }
}
