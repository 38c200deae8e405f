// The configuration, loaded whenever a file it was made of changed; a broken edit is told, and the last good one stays.
import { catchError, distinctUntilChanged, filter, map, type Observable, of, switchMap } from 'rxjs';
import { loadConfig } from '../config/load.ts';
import type { Feed } from '../engine/engine.ts';
import type { Fact, SessionOptions } from '../model/fact.ts';
import type { Ports } from '../model/ports.ts';
import { problemOf } from '../model/problem.ts';
import { abortable } from '../operators/abortable.ts';

export function config(env: Readonly<Record<string, string | undefined>>): Feed<Ports> {
  return {
    name: 'config',
    run: (state$, ports) =>
      state$.pipe(
        filter((state) => state.options.file !== ''),
        map((state) => ({ options: state.options, wanted: state.config.wanted })),
        distinctUntilChanged((a, b) => a.wanted === b.wanted),
        switchMap(({ options, wanted }) => load(options, wanted, env, ports)),
      ),
  };
}

function load(
  options: SessionOptions,
  wanted: number,
  env: Readonly<Record<string, string | undefined>>,
  ports: Ports,
): Observable<Fact> {
  const request = { file: options.file, env, namespace: options.namespace };
  return abortable((stop) => loadConfig(request, ports, stop)).pipe(
    map((loaded): Fact => {
      if ('problems' in loaded)
        return { type: 'config/broken', problems: loaded.problems, reads: loaded.reads, wanted };
      ports.logs.hide(loaded.secrets);
      return { type: 'config/loaded', config: loaded.config, wanted };
    }),
    catchError((error) =>
      of<Fact>({
        type: 'config/broken',
        problems: [problemOf(error)],
        reads: { roots: [options.file], filters: [] },
        wanted,
      }),
    ),
  );
}
