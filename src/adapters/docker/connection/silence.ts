// A registry that is busy with a large layer says nothing for minutes, and so does one that has gone: in a silence it is asked for
// something small, by another connection.
import { limits } from '../../../model/limits.ts';
import { isProblemError } from '../../../model/problems/problem.ts';
import type { StreamRecord } from '../images/json-lines.ts';

export interface Silence {
  /** To be told of each record. A daemon repeats what it waits for ten times a second: only what is new is a word. */
  heard(record: StreamRecord): void;
  /** Raised, with what `alive` rejected with, once nobody answers. */
  readonly over: AbortSignal;
  end(): void;
}

/** `alive` rejects where nobody answers; a refusal is an answer. */
export function watchSilence(alive: () => Promise<unknown>): Silence {
  const over = new AbortController();
  const last = new Map<string, string>();
  let heardAt = performance.now();
  let timer: NodeJS.Timeout;
  const look = async (): Promise<void> => {
    const silentMs = performance.now() - heardAt;
    if (silentMs >= limits.pushSilentMs) return over.abort(Object.assign(new Error('aborted'), { code: 'ECONNRESET' }));
    if (silentMs >= limits.pushQuietMs)
      await alive().catch((error) => {
        if (!isProblemError(error) || error.problem.kind === 'unavailable') over.abort(error);
      });
    if (!ended) timer = setTimeout(look, limits.pushQuietMs);
  };
  let ended = false;
  timer = setTimeout(look, limits.pushQuietMs);
  return {
    heard({ id = '', status, progressDetail }) {
      const words = `${status} ${progressDetail?.current}`;
      if (last.get(id) === words) return;
      last.set(id, words);
      heardAt = performance.now();
    },
    over: over.signal,
    end() {
      ended = true;
      clearTimeout(timer);
    },
  };
}
