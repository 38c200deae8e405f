// How long first runs took, across sessions: .sluice/durations.json. Only an order comes of it: what is lost is timed again.
import { limits } from '../model/limits.ts';
import { isRecord } from '../model/manifests/workload.ts';
import type { DiskPort } from '../model/ports.ts';
import { serially } from '../operators/promises/serially.ts';
import { noteFile } from './note-file.ts';

type Took = Readonly<Record<string, number>>;

export interface Durations {
  /** Of earlier sessions: resource → ms. */
  recall(): Promise<Took>;
  /** Each resource is noted once in a session; what it took before counts as much as what it took now. Never rejects. */
  note(took: Took): Promise<void>;
  /** Resolves when nothing is being written. */
  settled(): Promise<void>;
}

/** `config`: name of the configuration file; several in one directory have times of their own. */
export function createDurations(disk: Pick<DiskPort, 'load' | 'save'>, dir: string, config: string): Durations {
  const file = noteFile('durations', config);
  const noted = new Set<string>();
  const inTurn = serially();
  const recall = async (): Promise<Took> => read(await disk.load(dir, file));
  const write = async (fresh: readonly (readonly [string, number])[]): Promise<void> => {
    const known = new Map(Object.entries(await recall()));
    for (const [name, ms] of fresh) {
      const before = known.get(name);
      // Whoever was timed last comes last: those unused for longest are forgotten first.
      known.delete(name);
      known.set(name, before === undefined ? ms : Math.round((before + ms) / 2));
    }
    await disk.save(dir, file, Object.fromEntries([...known].slice(-limits.durationsRemembered)));
  };
  return {
    recall,
    note: (took) => {
      const fresh = Object.entries(took).filter(([name]) => !noted.has(name));
      for (const [name] of fresh) noted.add(name);
      return inTurn(async () => {
        if (fresh.length > 0) await write(fresh);
      }).catch(() => {});
    },
    settled: () => inTurn(async () => {}),
  };
}

/** Written by another version or by hand: what does not look right is left out. */
const read = (value: unknown): Took =>
  Object.fromEntries(
    Object.entries(isRecord(value) ? value : {})
      .filter((entry): entry is [string, number] => typeof entry[1] === 'number' && entry[1] >= 0 && entry[1] < 1e9)
      .slice(-limits.durationsRemembered),
  );
