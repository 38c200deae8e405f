// The processes of this machine, read synchronously: ending a run on unsubscribe must be final when it returns, and
// /proc is memory, not disk. Where there is no /proc (macOS) `ps` is asked instead.
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';

/** Names one process for ever: numbers come back. */
export interface ProcessId {
  readonly pid: number;
  /** Start time in the kernel's ticks since boot; without /proc in s since the epoch, by `ps`. 0 where unknown. */
  readonly started: number;
}

export interface Process extends ProcessId {
  readonly ppid: number;
  readonly group: number;
  readonly session: number;
}

/**
 * Living processes that may have been started after `leader`, itself included; zombies are dead and only wait for a parent
 * that may never ask. The kernel counts pids up, so a lower one is older, unless the count has begun anew in the meantime:
 * reading only the younger ones is what keeps the end of a short command cheap on a machine with many processes.
 */
export function processesSince(leader: number): readonly Process[] {
  try {
    return pidsSince(leader).flatMap((pid) => processOf(pid) ?? []);
  } catch {
    return fromPs();
  }
}

const fewPids = 32;

/** The few that were given out since are asked for one by one: the list of all costs more than they do. */
function pidsSince(leader: number): readonly number[] {
  const last = lastPid();
  const count = last - leader + 1;
  if (count > 0 && count <= fewPids) return Array.from({ length: count }, (_, i) => leader + i);
  const oldest = count > 0 ? leader : 0;
  return readdirSync('/proc').flatMap((name) => {
    const pid = Number(name);
    return pid >= oldest && Number.isInteger(pid) ? [pid] : [];
  });
}

/** The pid given out last, as the kernel tells in the last field of loadavg. */
const lastPid = (): number => Number(lineAt('/proc/loadavg').trim().split(' ').pop());

const line = Buffer.alloc(4_096);

/** A line of the kernel's, by one read: readFileSync takes twice as many calls and 64 KiB for what has no size. Throws as it does. */
function lineAt(path: string): string {
  const file = openSync(path, 'r');
  try {
    return line.toString('latin1', 0, readSync(file, line));
  } finally {
    closeSync(file);
  }
}

/** One living process by pid, null when it is gone. */
export function processOf(pid: number): Process | null {
  if (!hasProc) return fromPs(['-p', String(pid)])[0] ?? null;
  try {
    const stat = lineAt(`/proc/${pid}/stat`);
    // The name in parentheses may hold anything, parentheses too: the fields begin after the last one.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, ppid, group, session] = fields;
    if (state === 'Z' || state === 'X') return null;
    return { pid, ppid: Number(ppid), group: Number(group), session: Number(session), started: Number(fields[19]) };
  } catch {
    return null;
  }
}

/** Was this process started with a variable in its environment that begins so: `NAME=value`? False where that cannot be read. */
export function hasEnvironment(pid: number, beginning: string): boolean {
  try {
    return `\0${readFileSync(`/proc/${pid}/environ`, 'latin1')}`.includes(`\0${beginning}`);
  } catch {
    return false;
  }
}

const hasProc = existsSync('/proc/self/stat');

function fromPs(which: readonly string[] = ['-ax']): readonly Process[] {
  const env = { ...process.env, LC_ALL: 'C' };
  const ps = spawnSync('ps', [...which, '-o', 'pid=,ppid=,pgid=,stat=,lstart='], { encoding: 'latin1', env });
  return (ps.stdout ?? '').split('\n').flatMap((line) => {
    const [pid, ppid, group, state, ...start] = line.trim().split(/\s+/);
    if (!state || state.startsWith('Z')) return [];
    const started = Date.parse(start.join(' ')) / 1_000 || 0;
    return [{ pid: Number(pid), ppid: Number(ppid), group: Number(group), session: 0, started }];
  });
}
