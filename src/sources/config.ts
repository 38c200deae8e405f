// The configuration, loaded whenever a file it was made of changed; a broken edit is told, and the last good one stays.
import { distinctUntilChanged, EMPTY, filter, map, Observable } from 'rxjs';
import { unknownNames } from '../config/unknown-name.ts';
import type { Feed } from '../engine/engine.ts';
import type { Fact, SessionOptions } from '../model/fact.ts';
import type { Ports } from '../model/ports.ts';
import { problemOf } from '../model/problems/problem.ts';
import { switchMapAfterStop } from '../operators/switch-map-after-stop.ts';
import { loaded } from './config-load.ts';

type Env = Readonly<Record<string, string | undefined>>;

export function config(env: Env): Feed<Pick<Ports, 'disk' | 'kept' | 'proc' | 'logs'>> {
  return {
    name: 'config',
    run: (state$, ports) =>
      state$.pipe(
        filter((state) => state.options.file !== ''),
        map(({ options, config: { wanted, current }, phase }) => ({
          // Names are judged by the first configuration; an edit may take away what they name.
          options: current === null ? options : { ...options, only: [] },
          wanted,
          isEnding: phase === 'draining',
        })),
        distinctUntilChanged((a, b) => a.wanted === b.wanted && a.isEnding === b.isEnding),
        // What the user's programs read and write must not be read and written by two of them at once.
        switchMapAfterStop(({ options, wanted, isEnding }, stop) =>
          isEnding ? EMPTY : load(options, wanted, env, ports, stop),
        ),
      ),
  };
}

/** One fact, none once `stop` is aborted; completes when nothing of it is left. Unsubscribing asks it to stop as well. */
function load(
  { file, namespace, only, writes = [], asked = {} }: SessionOptions,
  wanted: number,
  env: Env,
  ports: Pick<Ports, 'disk' | 'kept' | 'proc' | 'logs'>,
  stop: AbortSignal,
): Observable<Fact> {
  return new Observable((subscriber) => {
    const dropped = new AbortController();
    const either = AbortSignal.any([stop, dropped.signal]);
    const tell = (fact: Fact): void => {
      if (!either.aborted) subscriber.next(fact);
      subscriber.complete();
    };
    loaded({ file, env, namespace, writes, asked }, ports, either).then(
      (found) => {
        if ('problems' in found)
          return tell({ type: 'config/broken', problems: found.problems, reads: found.reads, wanted });
        const problems = unknownNames(only, found.config.order);
        if (problems.length > 0) return tell({ type: 'config/broken', problems, reads: found.config.reads, wanted });
        tell({ type: 'config/loaded', config: found.config, wanted });
      },
      (error) => {
        const reads = { roots: [file], filters: [] };
        tell({ type: 'config/broken', problems: [problemOf(error)], reads, wanted });
      },
    );
    return () => dropped.abort();
  });
}
