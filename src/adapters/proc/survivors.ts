// What a session that was killed has left running: known by the mark that it put into the environment of all it started, and by
// the processes it had noted, each by number and start. A number alone says nothing, it comes back.
import { readFileSync, readlinkSync } from 'node:fs';
import { onAbort } from '../../operators/promises/on-abort.ts';
import { type Family, familyWith, markName } from './family.ts';
import { hasEnvironment, type Process, type ProcessId, processesSince, processOf } from './process-table.ts';
import { end } from './termination.ts';

export interface Traces {
  /** Of the session: its processes carry it, with a number behind. Nobody can guess it. */
  readonly mark: string;
  /** Where process numbers mean anything: this boot of this machine, this pid namespace. */
  readonly machine: string;
  readonly session: ProcessId;
  /** Commands that ran when this was noted. Not all of what came from them need carry the mark (`env -i`). */
  readonly leaders: readonly ProcessId[];
}

/** Is the session still there? False where that cannot be known from here: another machine, another container. */
export const isAlive = ({ machine, session }: Traces): boolean =>
  machine === thisMachine() && processOf(session.pid)?.started === session.started;

/** Asks what is left to end, kills it after `graceMs` or once `stop` is aborted. How many there were, and how many could not be killed. */
export async function endSurvivors(
  traces: Traces,
  graceMs: number,
  stop: AbortSignal,
): Promise<{ readonly found: number; readonly left: number }> {
  const family = survivorsOf(traces);
  const found = family.members().length;
  if (found === 0) return { found: 0, left: 0 };
  const off = onAbort(stop, () => void family.signal('SIGKILL'));
  const left = await end(family, stop.aborted ? 0 : graceMs);
  off();
  return { found, left };
}

export function survivorsOf({ mark, machine, leaders }: Traces): Family {
  const here = machine === thisMachine() ? leaders : [];
  const known = new Map(here.map(({ pid, started }) => [pid, started]));
  const members = (): readonly Process[] => {
    const all = processesSince(1);
    const spared = ancestors(process.pid, all);
    const found = relatives(
      all.filter(({ pid }) => !spared.has(pid)),
      known,
      `${markName}=${mark}.`,
    );
    for (const { pid, started } of found) known.set(pid, started);
    return found;
  };
  return familyWith(members);
}

function relatives(all: readonly Process[], known: ReadonlyMap<number, number>, mark: string): readonly Process[] {
  const inside = new Set<number>();
  const isOwn = ({ pid, ppid, group, session, started }: Process): boolean =>
    inside.has(ppid) || inside.has(group) || inside.has(session) || known.get(pid) === started;
  for (const { pid } of all) if (hasEnvironment(pid, mark)) inside.add(pid);
  for (let before = -1; before !== inside.size; ) {
    before = inside.size;
    for (const each of all) if (!inside.has(each.pid) && isOwn(each)) inside.add(each.pid);
  }
  return all.filter(({ pid }) => inside.has(pid));
}

/** A shell that the killed session had started may be where we were started from. */
function ancestors(pid: number, all: readonly Process[]): ReadonlySet<number> {
  const parents = new Map(all.map((each) => [each.pid, each.ppid]));
  const line = new Set<number>();
  for (let at = pid; at > 0 && !line.has(at); at = parents.get(at) ?? 0) line.add(at);
  return line;
}

let machine: string | null = null;

/** Where there is no /proc a start is a moment of the calendar, which needs no boot to tell it apart. */
export function thisMachine(): string {
  machine ??= ['/proc/sys/kernel/random/boot_id', '/proc/self/ns/pid'].map(read).join(' ');
  return machine;
}

function read(path: string): string {
  try {
    return path.includes('/ns/') ? readlinkSync(path) : readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}

/** As it was written; null for anything else: the file may come from anywhere. */
export function tracesIn(text: string | null): Traces | null {
  const value = parsed(text);
  if (value === null || typeof value.mark !== 'string' || !isMark.test(value.mark)) return null;
  if (typeof value.machine !== 'string' || !isProcessId(value.session) || !Array.isArray(value.leaders)) return null;
  const { mark, machine, session } = value;
  return { mark, machine, session, leaders: value.leaders.filter(isProcessId) };
}

/** A shorter one might stand in the environment of anybody. */
const isMark = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const isProcessId = (value: unknown): value is ProcessId => {
  const { pid, started } = (value ?? {}) as Partial<ProcessId>;
  return Number.isInteger(pid) && Number(pid) > 1 && typeof started === 'number' && started > 0;
};

function parsed(text: string | null): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return typeof value === 'object' ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
