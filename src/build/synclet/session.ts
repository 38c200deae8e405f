// One open shell in one container that carries out requests, one at a time, each in one round trip.
import { limits } from '../../model/limits.ts';
import type { DiskPort, ExecStream } from '../../model/ports.ts';
import { type Answers, answersOf } from './answers.ts';
import { sendFiles } from './packing.ts';
import { type Packing, requestLines, type SyncRequest } from './request.ts';

/** What became of a request. `text` is the end of what the far side said on stderr. */
export type SyncAnswer =
  | { readonly is: 'ok'; readonly restarted: { readonly from: number; readonly to: number } | null }
  /** Files could not be put there: no permission, no space, read-only. */
  | { readonly is: 'files-failed'; readonly code: number; readonly text: string }
  | { readonly is: 'run-failed'; readonly run: number; readonly code: number }
  | { readonly is: 'restart-failed'; readonly unsupervised: boolean };

/** The connection was lost. `ran` tells whether a run step may have begun, so that asking again would run it twice. */
export class LostConnection extends Error {
  readonly ran: boolean;
  constructor(message: string, ran: boolean) {
    super(message);
    this.name = 'LostConnection';
    this.ran = ran;
  }
}

export interface SyncSession {
  /** Settles when it is over. Abort ends the connection, and with it a run step; then rejects with an AbortError. */
  send(
    request: SyncRequest,
    disk: Pick<DiskPort, 'tar'>,
    output: (chunk: Uint8Array) => void,
    stop: AbortSignal,
  ): Promise<SyncAnswer>;
  /** Ends the loop on the far side; resolves when the connection is gone. */
  close(): Promise<void>;
  readonly isOpen: boolean;
}

/** Why there can be no session in this container: no shell, or tools are missing. Null packing: no shell at all. */
export class NoShell extends Error {}

/** Takes a stream on which `script` was started; resolves once the far side has answered. */
export async function openSession(stream: ExecStream): Promise<SyncSession> {
  const answers = answersOf(stream.stdout);
  let isOpen = true;
  let output: (chunk: Uint8Array) => void = () => {};
  let text = '';
  const over = stream.exit.then(
    ({ code }) => code,
    () => null,
  );
  void over.then(() => {
    isOpen = false;
  });
  stream.stdin.on('error', () => {
    isOpen = false;
  });
  stream.stderr.on('error', () => {});
  stream.stderr.on('data', (chunk: Buffer) => {
    text = (text + chunk.toString('utf8')).slice(-limits.syncErrorBytes);
    output(chunk);
  });

  const packing = await greeting(answers, over, () => text).catch((error: unknown) => {
    stream.drop();
    throw error;
  });

  const close = async () => {
    isOpen = false;
    stream.stdin.end();
    const timer = setTimeout(stream.drop, limits.killGraceMs);
    await over;
    clearTimeout(timer);
    stream.drop();
  };

  return {
    get isOpen() {
      return isOpen;
    },
    close,
    async send(request, disk, onOutput, stop) {
      stop.throwIfAborted();
      output = onOutput;
      text = '';
      let closing: Promise<void> | null = null;
      const abort = () => {
        closing = close();
      };
      stop.addEventListener('abort', abort, { once: true });
      const exchange = { answers, stream, packing, ran: false };
      try {
        const answer = await ask(exchange, request, disk, () => text);
        if (answer.is === 'files-failed') await close();
        return answer;
      } catch (error) {
        await (closing ?? close());
        stop.throwIfAborted();
        throw new LostConnection((error as Error).message, exchange.ran);
      } finally {
        stop.removeEventListener('abort', abort);
        output = () => {};
      }
    },
  };
}

async function greeting(answers: Answers, over: Promise<number | null>, text: () => string): Promise<Packing> {
  try {
    const [name, packing] = (await answers.next(limits.syncGreetingMs)).split(' ');
    if (name === 'sluice' && (packing === 'tar' || packing === 'cat')) return packing;
    throw new NoShell(
      name === 'sluice'
        ? 'it has neither tar nor the usual file commands (head, rm, ln)'
        : `its shell answered "${name}"`,
    );
  } catch (error) {
    if (error instanceof NoShell) throw error;
    const code = await Promise.race([over, Promise.resolve(null)]);
    if (code === 126 || code === 127) throw new NoShell('it has no shell (sh)');
    throw new LostConnection(text().trim() || (error as Error).message, false);
  }
}

interface Exchange {
  readonly answers: Answers;
  readonly stream: ExecStream;
  readonly packing: Packing;
  ran: boolean;
}

async function ask(
  exchange: Exchange,
  request: SyncRequest,
  disk: Pick<DiskPort, 'tar'>,
  text: () => string,
): Promise<SyncAnswer> {
  const { answers, stream, packing } = exchange;
  let head = requestLines(request, packing);
  let early: string | null = null;
  const send = async (chunk: Uint8Array) => {
    if (early !== null) return;
    // The head goes out together with the first chunk: one packet, one round trip.
    stream.stdin.write(head === '' ? chunk : Buffer.concat([Buffer.from(head), chunk]));
    head = '';
    const answer = await answers.next(limits.syncAnswerMs);
    if (answer !== '.') early = answer;
  };
  exchange.ran = request.entries.length === 0 && request.runs.length > 0;
  await sendFiles(request.entries, packing, disk, send);
  if (request.entries.length === 0) stream.stdin.write(head);
  else if (packing === 'cat' && early === null) stream.stdin.write('end\n');
  exchange.ran = request.runs.length > 0;
  const files = words(early ?? (await answers.next(limits.syncAnswerMs)));
  if (files[0] !== 'files') throw new Error(`unexpected answer "${files.join(' ')}"`);
  if (files[1] !== '0') return { is: 'files-failed', code: Number(files[1]), text: text().trim() };
  return afterFiles(answers, request);
}

async function afterFiles(answers: Answers, request: SyncRequest): Promise<SyncAnswer> {
  let answer: SyncAnswer = { is: 'ok', restarted: null };
  for (;;) {
    // A run step takes as long as it takes; a lost connection ends the wait.
    const [what, a, b, c] = words(await answers.next(request.runs.length > 0 ? null : limits.syncAnswerMs));
    if (what === 'done') return answer;
    if (what === 'run' && b !== '0') answer = { is: 'run-failed', run: Number(a), code: Number(b) };
    if (what === 'restart' && a !== '0') answer = { is: 'restart-failed', unsupervised: a === '1' };
    if (what === 'restart' && a === '0') answer = { is: 'ok', restarted: { from: Number(b), to: Number(c) } };
  }
}

const words = (line: string): readonly string[] => line.split(' ');
