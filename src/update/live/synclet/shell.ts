// One open shell in one container that carries out requests, one at a time, each in one round trip.
import { randomUUID } from 'node:crypto';
import { limits } from '../../../model/limits.ts';
import type { DiskPort, ExecStream } from '../../../model/ports.ts';
import { onAbort } from '../../../operators/promises/on-abort.ts';
import { type Answers, answersOf } from './answers.ts';
import { marked } from './error-channel.ts';
import { ask, type SyncAnswer } from './exchange.ts';
import { knownPlaces } from './known-places.ts';
import type { Packing, SyncRequest } from './message.ts';
import type { Writer } from './owners.ts';
import { script } from './script.ts';

export interface SyncSession {
  readonly is: 'open';
  /** Settles when it is over. Abort ends the connection, and with it a run step; then rejects with an AbortError. */
  send(
    request: SyncRequest,
    disk: Pick<DiskPort, 'tar'>,
    output: (chunk: Uint8Array) => void,
    stop: AbortSignal,
  ): Promise<SyncAnswer>;
  /** Ends the loop on the far side; resolves when the connection is gone. */
  close(): Promise<void>;
  isOpen(): boolean;
}

export type NoSession =
  /** There can be none in this container: no shell, or tools are missing. */
  | { readonly is: 'no-shell'; readonly because: string }
  | { readonly is: 'lost'; readonly ran: false; readonly because: string };

/** Starts the loop with `exec` (a command in the container); resolves once the far side has greeted. Rejects as `exec` does. */
export async function openSession(
  exec: (cmd: readonly string[]) => Promise<ExecStream>,
): Promise<SyncSession | NoSession> {
  const mark = `sluice-${randomUUID()}`;
  const stream = await exec(['sh', '-c', script, 'sluice', mark]);
  const answers = answersOf(stream.stdout);
  const errors = marked(stream.stderr, mark);
  let isOpen = true;
  const shut = () => {
    isOpen = false;
  };
  stream.stdin.on('error', shut);
  const over = exitCode(stream);
  void over.then(shut);
  const close = async () => {
    shut();
    await endStream(stream, over);
  };

  const known = knownPlaces();
  const greeted = await greeting(answers, over, errors.to);
  if (greeted.is !== 'greeted') {
    stream.drop();
    return greeted;
  }

  const send: SyncSession['send'] = async (request, disk, output, stop) => {
    stop.throwIfAborted();
    let closing: Promise<void> | null = null;
    const off = onAbort(stop, () => {
      closing = close();
    });
    const exchange = { answers, errors, stdin: stream.stdin, known, ran: false, ...greeted };
    try {
      const answer = await ask(exchange, request, disk, output);
      // Chunks may be left over in the pipe: what failed is not used again.
      if (answer.is === 'files-failed') await close();
      await closing;
      stop.throwIfAborted();
      return answer;
    } catch (error) {
      await (closing ?? close());
      stop.throwIfAborted();
      return { is: 'lost', ran: exchange.ran, because: (error as Error).message };
    } finally {
      off();
    }
  };
  return { is: 'open', close, send, isOpen: () => isOpen };
}

/** Null where the connection was lost first. */
const exitCode = ({ exit }: ExecStream): Promise<number | null> =>
  exit.then(
    ({ code }) => code,
    () => null,
  );

/** The end of the input ends the loop; one that does not see it is cut off. */
async function endStream(stream: ExecStream, over: Promise<unknown>): Promise<void> {
  stream.stdin.end();
  const timer = setTimeout(stream.drop, limits.killGraceMs);
  await over;
  clearTimeout(timer);
  stream.drop();
}

interface Greeting {
  readonly is: 'greeted';
  readonly packing: Packing;
  readonly writer: Writer;
}

async function greeting(
  answers: Answers,
  over: Promise<number | null>,
  errorsTo: (output: (chunk: Uint8Array) => void) => void,
): Promise<Greeting | NoSession> {
  let text = '';
  errorsTo((chunk) => {
    text = (text + Buffer.from(chunk).toString('utf8')).slice(-limits.syncErrorBytes);
  });
  let line: string;
  try {
    line = await answers.next(limits.syncGreetingMs);
  } catch (error) {
    const code = await Promise.race([over, new Promise<null>((resolve) => setTimeout(resolve, 100, null))]);
    // A runtime that finds no `sh` says so as an exit code, and as text where one would expect the output.
    if (code === 126 || code === 127) return { is: 'no-shell', because: 'there is no shell (sh) in it' };
    return { is: 'lost', ran: false, because: text.trim() || (error as Error).message };
  }
  const [, packing, uid, gid] = /^sluice (tar|cat|none) (\d+):(\d+)$/.exec(line) ?? [];
  if (packing === 'tar' || packing === 'cat')
    return { is: 'greeted', packing, writer: { uid: Number(uid), gid: Number(gid) } };
  if (packing === 'none') return { is: 'no-shell', because: 'it has neither tar nor the commands head, rm and ln' };
  return { is: 'no-shell', because: `there is no shell (sh) in it: ${line.slice(0, 200)}` };
}
