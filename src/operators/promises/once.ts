// What several ask for at the same time is got once: whoever asks first begins, the others wait for it. Services of one project
// start side by side and want the same networks, images and lists.
import { onAbort } from './on-abort.ts';

interface UnderWay {
  readonly got: Promise<unknown>;
  readonly drop: AbortController;
  waiting: number;
}

const underWay = new WeakMap<object, Map<string, UnderWay>>();

type Get<T> = (stop: AbortSignal) => Promise<T>;

/** What `key` stands for with `of`; asked for again after it was there, it is got again. It is stopped once all who wait are. */
export const once = <T>(of: object, key: string, get: Get<T>, stop: AbortSignal): Promise<T> =>
  joined<T>(of, key, stop) ?? anew(of, key, get, stop);

/** What others are asking for; null where nobody is. */
export function joined<T>(of: object, key: string, stop: AbortSignal): Promise<T> | null {
  const begun = underWay.get(of)?.get(key);
  return begun ? (waitFor(begun, of, key, stop) as Promise<T>) : null;
}

/** The same, never older than the asking: others may join in, it joins none. */
export const anew = <T>(of: object, key: string, get: Get<T>, stop: AbortSignal): Promise<T> =>
  waitFor(begin(of, key, get), of, key, stop) as Promise<T>;

function begin(of: object, key: string, get: Get<unknown>): UnderWay {
  const all = underWay.get(of) ?? new Map<string, UnderWay>();
  underWay.set(of, all);
  const drop = new AbortController();
  const begun: UnderWay = { got: get(drop.signal).finally(() => leave(of, key, begun)), drop, waiting: 0 };
  all.set(key, begun);
  return begun;
}

function leave(of: object, key: string, mine: UnderWay): void {
  const all = underWay.get(of);
  if (all?.get(key) === mine) all.delete(key);
}

/** Who is stopped goes; the last one stops what is under way and stays until it has ended. */
function waitFor(mine: UnderWay, of: object, key: string, stop: AbortSignal): Promise<unknown> {
  mine.waiting++;
  return new Promise((resolve, reject) => {
    const go = (): void => {
      mine.waiting--;
      if (mine.waiting > 0) reject(stop.reason);
      else {
        leave(of, key, mine);
        mine.drop.abort(stop.reason);
      }
    };
    const off = onAbort(stop, go);
    mine.got.then(resolve, reject).finally(off);
  });
}
