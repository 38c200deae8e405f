// What is not as it should be with the watching: each told once, and that it is over once it is.
import type { WatchEvent } from '../../../model/ports.ts';
import type { Problem } from '../../../model/problems/problem.ts';

export interface Troubles {
  /** All is watched anew: what is not met again until `settled` is over. */
  begin(): void;
  settled(): void;
  /** `key` tells apart what is told apart; it begins with the code. */
  meets(key: string, problem: Problem): void;
  over(code: string): void;
}

export function troubles(tell: (event: WatchEvent) => void): Troubles {
  let now = new Map<string, Problem>();
  /** Of the watching before this one, until this one has settled. */
  let before: ReadonlyMap<string, Problem> = new Map();
  /** One at a time is shown: the last that stands. */
  const tellLeft = (): void => {
    const last = [...now.values()].at(-1);
    tell(last ? { is: 'problem', problem: last } : { is: 'mended' });
  };
  return {
    begin() {
      before = now;
      now = new Map();
    },
    settled() {
      if ([...before.keys()].some((key) => !now.has(key))) tellLeft();
      before = new Map();
    },
    meets(key, problem) {
      if (now.has(key)) return;
      now.set(key, problem);
      if (!before.has(key)) tell({ is: 'problem', problem });
    },
    over(code) {
      const keys = [...now.keys()].filter((key) => key.startsWith(code));
      for (const key of keys) now.delete(key);
      if (keys.length > 0) tellLeft();
    },
  };
}
