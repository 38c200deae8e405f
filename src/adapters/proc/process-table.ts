// The processes of this machine, read synchronously: ending a run on unsubscribe must be final when it returns, and
// /proc is memory, not disk. Where there is no /proc (macOS) `ps` is asked instead.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

export interface Process {
  readonly pid: number;
  readonly ppid: number;
  readonly group: number;
  readonly session: number;
  /** Start time in the kernel's ticks: with the pid it names one process for ever, pids come back. 0 where unknown. */
  readonly started: number;
}

/**
 * Living processes that may have been started after `leader`, itself included; zombies are dead and only wait for a parent
 * that may never ask. The kernel counts pids up, so a lower one is older, unless the count has begun anew in the meantime:
 * reading only the younger ones is what keeps the end of a short command cheap on a machine with many processes.
 */
export function processesSince(leader: number): readonly Process[] {
  try {
    const oldest = lastPid() < leader ? 0 : leader;
    return readdirSync('/proc').flatMap((name) => {
      const pid = Number(name);
      return pid >= oldest && Number.isInteger(pid) ? (processOf(pid) ?? []) : [];
    });
  } catch {
    return fromPs();
  }
}

/** The pid given out last, as the kernel tells in the last field of loadavg. */
const lastPid = (): number => Number(readFileSync('/proc/loadavg', 'latin1').trim().split(' ').pop());

/** One living process by pid, null when it is gone or there is no /proc. */
export function processOf(pid: number): Process | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in parentheses may hold anything, parentheses too: the fields begin after the last one.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, ppid, group, session] = fields;
    if (state === 'Z' || state === 'X') return null;
    return { pid, ppid: Number(ppid), group: Number(group), session: Number(session), started: Number(fields[19]) };
  } catch {
    return null;
  }
}

/** Was this process started with `NAME=value` in its environment? False where that cannot be read. */
export function hasEnvironment(pid: number, entry: string): boolean {
  try {
    return `\0${readFileSync(`/proc/${pid}/environ`, 'latin1')}`.includes(`\0${entry}\0`);
  } catch {
    return false;
  }
}

function fromPs(): readonly Process[] {
  const ps = spawnSync('ps', ['-axo', 'pid=,ppid=,pgid=,stat='], { encoding: 'latin1' });
  return (ps.stdout ?? '').split('\n').flatMap((line) => {
    const [pid, ppid, group, state] = line.trim().split(/\s+/);
    if (!state || state.startsWith('Z')) return [];
    return [{ pid: Number(pid), ppid: Number(ppid), group: Number(group), session: 0, started: 0 }];
  });
}
