// The session's socket: requests as lines, answers as lines. A stale socket is replaced, a live one is respected.
import { chmodSync, lstatSync, rmSync } from 'node:fs';
import net from 'node:net';
import { makeFile, readOwn } from '../../adapters/fs/own-place.ts';
import { limits } from '../../model/limits.ts';
import { ProblemError } from '../../model/problems/problem.ts';
import { held } from '../project-lock.ts';
import { type Answer, type Answering, answers } from './answer.ts';
import { requestLines } from './lines.ts';
import { refusal, refusalOf } from './refusal.ts';
import { oddSocket, socketDirectory } from './socket-path.ts';

export interface SessionSocket {
  close(): void;
}

/**
 * Opens it, or rejects with a problem that names the process that holds this project. Its file may go (a cleaner of temp
 * directories, a runtime directory that is made anew): it is made again, and who is connected stays so.
 */
export async function openSocket(
  path: string,
  file: string,
  answering: Omit<Answering, 'gone' | 'by'>,
): Promise<SessionSocket> {
  socketDirectory(path);
  const odd = oddSocket(path);
  if (odd) throw new ProblemError(odd);
  const holder = await holderOf(path);
  if (holder !== null) throw held(file, holder);
  rmSync(path, { force: true });
  const open = new Set<net.Socket>();
  const take = (socket: net.Socket): void => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    if (open.size > limits.socketClients) turnAway(socket);
    else converse(socket, answering);
  };
  let listening: Listening | null = await listen(path, take);
  const keep = async (): Promise<void> => {
    if (listening === null || inodeOf(path) !== null) return;
    listening.server.close();
    listening = null;
    // Where nothing can be made now it may be in a moment.
    listening = await listen(path, take).catch(() => closed);
    if (isOver) end();
  };
  const keeping = setInterval(() => void keep(), limits.socketLookMs).unref();
  let isOver = false;
  const end = (): void => {
    // Closing takes the file away, whosever it is by now.
    if (listening === null || inodeOf(path) !== listening.inode) return void listening?.server.unref();
    listening.server.close();
    rmSync(path, { force: true });
    rmSync(`${path}.pid`, { force: true });
  };
  return {
    close() {
      isOver = true;
      clearInterval(keeping);
      end();
      // What was answered already still arrives: followers hear the last words.
      for (const socket of open) socket.destroySoon();
    },
  };
}

interface Listening {
  readonly server: net.Server;
  /** Of the socket's file. */
  readonly inode: number | null;
}

const closed: Listening = { server: net.createServer(), inode: null };

const inodeOf = (path: string): number | null => lstatSync(path, { throwIfNoEntry: false })?.ino ?? null;

async function listen(path: string, take: (socket: net.Socket) => void): Promise<Listening> {
  socketDirectory(path);
  const server = net.createServer(take);
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject);
    server.listen(path, resolve);
  });
  chmodSync(path, 0o600);
  rmSync(`${path}.pid`, { force: true });
  notePid(path);
  return { server, inode: inodeOf(path) };
}

/** Who asks for it is told `unknown` where no room is left for it. */
function notePid(path: string): void {
  try {
    makeFile(`${path}.pid`, `${process.pid}\n`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall !== 'write') throw error;
  }
}

/** One more client than there may be is told so: it may be a command that somebody typed. */
function turnAway(socket: net.Socket): void {
  socket.on('error', () => socket.destroy());
  socket.end(`${JSON.stringify(refusal(null, 'S656', `${limits.socketClients} clients are connected already`))}\n`);
  socket.resume();
  socket.setTimeout(limits.lastAnswersMs, () => socket.destroy());
}

function converse(socket: net.Socket, answering: Omit<Answering, 'gone' | 'by'>): void {
  const left = new AbortController();
  let open = 0;
  socket.on('error', () => socket.destroy());
  socket.once('close', () => left.abort());
  const asking = requestLines(socket, socket).subscribe({
    next: (line) => {
      const refused = refusalOf(line, open);
      if (refused || line === null) return void (socket.destroyed || socket.write(`${JSON.stringify(refused)}\n`));
      open++;
      void reply(socket, answers(line, { ...answering, by: 'socket', gone: left.signal })).finally(() => open--);
    },
    error: () => socket.destroy(),
  });
  socket.once('close', () => asking.unsubscribe());
}

/** An answer is made when the client has read those before: one that does not read costs nothing. */
async function reply(socket: net.Socket, all: AsyncIterable<Answer>): Promise<void> {
  for await (const answer of all) {
    if (socket.destroyed) return;
    if (!socket.write(`${JSON.stringify(answer)}\n`)) await drained(socket);
  }
}

const drained = (socket: net.Socket): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      socket.off('drain', done).off('close', done);
      resolve();
    };
    socket.on('drain', done).on('close', done);
  });

/** Pid of the session that listens there, null when nobody does. */
async function holderOf(path: string): Promise<string | null> {
  const isLive = await new Promise<boolean>((resolve) => {
    const socket = net.connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
  if (!isLive) return null;
  return readOwn(`${path}.pid`)?.trim() ?? 'unknown';
}
