// All processes that came from one command: its group, its session, its descendants, and whoever left all three (double
// fork, setsid) but still carries the mark in its environment.
import { hasEnvironment, type Process, processesSince, processOf } from './process-table.ts';

/** A process without it in its environment (`env -u SLUICE_RUN …`) that made its own session is let go on purpose. */
export const markName = 'SLUICE_RUN';

export interface Family {
  /** The living members now. Each look also remembers them, so that an orphan is known by what its parent was. */
  members(): readonly Process[];
  /** Sends to every living member; true when there was any. */
  signal(signal: NodeJS.Signals): boolean;
}

/** The family that each look finds anew. */
export const familyWith = (members: Family['members']): Family => ({
  members,
  signal: (signal) => {
    const found = members();
    for (const { pid } of found) send(pid, signal);
    return found.length > 0;
  },
});

export function familyOf(leader: number, mark: string): Family {
  const since = processOf(leader)?.started ?? 0;
  const known = new Map<number, number>();
  const members = () => {
    const found = relatives(processesSince(leader), leader, `${markName}=${mark}`, since, known);
    known.clear();
    for (const { pid, started } of found) known.set(pid, started);
    return found;
  };
  return familyWith(members);
}

function relatives(
  all: readonly Process[],
  leader: number,
  mark: string,
  since: number,
  known: ReadonlyMap<number, number>,
): readonly Process[] {
  const inside = new Set<number>();
  const isOwn = (each: Process) =>
    each.pid === leader ||
    each.group === leader ||
    each.session === leader ||
    inside.has(each.ppid) ||
    known.get(each.pid) === each.started;
  // Only what is younger than the command can carry its mark; that spares reading most environments.
  const candidates = all.filter((each) => each.started >= since && each.pid !== process.pid);
  for (let before = -1; before !== inside.size; ) {
    before = inside.size;
    for (const each of candidates) if (!inside.has(each.pid) && isOwn(each)) inside.add(each.pid);
  }
  return candidates.filter((each) => inside.has(each.pid) || hasEnvironment(each.pid, `${mark}\0`));
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone in the meantime, or no longer ours to signal (setuid): the next look tells.
  }
}
