// Who holds a project: noted beside its configuration, whatever path, mount or environment leads there, together with what is needed
// to end what a session that was killed has left.
import { randomUUID } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { auditTime } from 'rxjs';
import { notesDir } from '../adapters/fs/notes.ts';
import { makeFile, readOwn } from '../adapters/fs/own-place.ts';
import type { Running } from '../adapters/proc/proc.ts';
import { endSurvivors, isAlive, type Traces, tracesIn } from '../adapters/proc/survivors.ts';
import { limits } from '../model/limits.ts';
import { isProblemError, ProblemError } from '../model/problems/problem.ts';
import { fittedName } from '../model/text/fitted-name.ts';

export interface Holding {
  /** Once nothing of the session runs any more. */
  close(): void;
}

export interface Taking {
  readonly file: string;
  /** Of this project: the note stands beside it where the project's directory takes none. */
  readonly socket: string;
  readonly say: (text: string) => void;
  /** Aborted: what is left is killed at once. */
  readonly stop: AbortSignal;
}

/** Ends what a killed session has left, then holds the project. Rejects with S627 while another session does. */
export async function hold(taking: Taking, running: Running): Promise<Holding> {
  await endKilled(taking, (pid) => {
    throw held(taking.file, pid);
  });
  const path = placesOf(taking).find((place) => isNoted(place, running, taking.file)) ?? null;
  const noting = running.changed$.pipe(auditTime(limits.noteProcessesMs)).subscribe(() => {
    if (path !== null) renew(path, running);
  });
  return {
    close() {
      noting.unsubscribe();
      if (path !== null && tracesIn(readOwn(path))?.mark === running.mark) rmSync(path, { force: true });
    },
  };
}

/** Ends what a session that is no more has left, in each place where it may be noted; one that is alive is told to `onAlive`. */
export async function endKilled(taking: Taking, onAlive: (pid: number) => void = () => {}): Promise<void> {
  if (!isThere(join(dirname(taking.file), '.sluice')) && !existsSync(`${taking.socket}.json`)) return;
  for (const path of placesOf(taking)) {
    const [text, traces] = await noteAt(path);
    if (traces && isAlive(traces)) onAlive(traces.session.pid);
    else if (text !== null) {
      if (traces) await ended(traces, taking);
      forget(path, text, taking.file);
    }
  }
}

async function ended(traces: Traces, { say, stop }: Taking): Promise<void> {
  const { found, left } = await endSurvivors(traces, limits.killGraceMs, stop);
  const of = `that the session before (pid ${traces.session.pid}), which was killed, had left running`;
  if (found > 0) say(`ended ${found === 1 ? 'a process' : `${found} processes`} ${of}`);
  if (left > 0) say(`${left} of them could not be killed: look for state D in the output of \`ps\``);
}

/** In the project, and beside the socket. A link where our directory should be is no place, and no reason to go elsewhere. */
function placesOf({ file, socket }: Taking): readonly string[] {
  try {
    return [join(notesDir(dirname(file)), `running-${noteName(file)}.json`), `${socket}.json`];
  } catch (error) {
    if (isProblemError(error)) throw error;
    return [`${socket}.json`];
  }
}

/** Where case does not count the file is one, however it was spelled. */
function noteName(file: string): string {
  const given = basename(file);
  const names = readdirSync(dirname(file));
  const found = names.includes(given) ? given : names.find((name) => name.toLowerCase() === given.toLowerCase());
  return fittedName(found ?? given, { refused: /[^A-Za-z0-9.-]+/g, instead: '-', most: 100 });
}

/** Text and what it says; a note that is just being written is waited for. */
async function noteAt(path: string): Promise<readonly [string | null, Traces | null]> {
  for (let looks = 0; ; looks++) {
    const text = readOwn(path);
    const traces = tracesIn(text);
    if (traces || looks === 5 || (text === null && !isThere(path)))
      return [text ?? (isThere(path) ? '' : null), traces];
    await pause(20);
  }
}

const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

/** Takes away the note that was read, and not one that another session has just put in its place. */
function forget(path: string, text: string, file: string): void {
  const aside = `${path}.${randomUUID()}.tmp`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const now = readOwn(aside) ?? '';
  const other = now === text ? null : tracesIn(now);
  if (other && isAlive(other)) {
    renameSync(aside, path);
    throw held(file, other.session.pid);
  }
  rmSync(aside, { force: true, recursive: true });
}

/** False where this place takes no files. */
function isNoted(path: string, running: Running, file: string): boolean {
  try {
    makeFile(path, JSON.stringify(running.traces()));
    return true;
  } catch (error) {
    const other = (error as NodeJS.ErrnoException).code === 'EEXIST' ? tracesIn(readOwn(path)) : null;
    if (other) throw held(file, other.session.pid);
    return false;
  }
}

/** Whole or not at all. What cannot be written is not noted: a later change tries again. */
function renew(path: string, running: Running): void {
  const temp = `${path}.${randomUUID()}.tmp`;
  try {
    const before = tracesIn(readOwn(path));
    if (lstatSync(dirname(path)).isSymbolicLink() || (before && before.mark !== running.mark)) return;
    makeFile(temp, JSON.stringify(running.traces()));
    renameSync(temp, path);
  } catch {
    rmSync(temp, { force: true });
  }
}

export const held = (file: string, pid: number | string): ProblemError =>
  new ProblemError({
    kind: 'yours',
    code: 'S627',
    what: `${file} is already up in another session (pid ${pid})`,
    hint: 'end it with `sluice stop`, or use it: `sluice status`, `sluice trigger`',
  });
