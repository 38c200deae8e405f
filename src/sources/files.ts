// File events → changes: bursts settle, git operations are waited for, touches are dropped, the rest is one batch.
import {
  asyncScheduler,
  concatMap,
  distinctUntilChanged,
  filter,
  from,
  map,
  merge,
  mergeMap,
  type Observable,
  of,
  type SchedulerLike,
  share,
  switchMap,
  tap,
  timer,
  withLatestFrom,
} from 'rxjs';
import type { Feed } from '../engine/engine.ts';
import { watchPlan } from '../engine/wanted/watch-plan.ts';
import type { Fact } from '../model/fact.ts';
import { matcher } from '../model/fileset.ts';
import { limits } from '../model/limits.ts';
import type { Ports, WatchEvent } from '../model/ports.ts';
import type { EngineState } from '../model/state.ts';
import { lookup } from '../model/text/lookup.ts';
import { bufferWhile } from '../operators/buffer-while.ts';
import { type SettleTimes, settle } from '../operators/settle.ts';

export function files(scheduler: SchedulerLike = asyncScheduler): Feed<Pick<Ports, 'files' | 'now'>> {
  return {
    name: 'files',
    run: (state$, ports) => {
      const plan$ = state$.pipe(
        filter((state) => state.options.watch && state.config.reads !== null),
        distinctUntilChanged((a, b) => a.config.current === b.config.current && a.config.reads === b.config.reads),
        map(watchPlan),
        share(),
      );
      const events$ = ports.files.watch(plan$).pipe(share());
      const git$ = gitHeld(events$, scheduler).pipe(share());
      return merge(
        git$.pipe(map(({ held, because }): Fact => (held ? { type: 'git/held', because } : { type: 'git/released' }))),
        changes(events$, git$.pipe(map(({ held }) => held)), state$, ports, scheduler),
        events$.pipe(mergeMap(told)),
      );
    },
  };
}

function changes(
  events$: Observable<WatchEvent>,
  gitHeld$: Observable<boolean>,
  state$: Observable<EngineState>,
  ports: Pick<Ports, 'files'>,
  scheduler: SchedulerLike,
): Observable<Fact> {
  const timesOf = state$.pipe(
    map((state) => state.config.current),
    distinctUntilChanged(),
    map((current) => debounces(current)),
  );
  let open = 0;
  const raw$ = events$.pipe(
    mergeMap((event) => (event.is === 'raw' ? event.paths : [])),
    tap(() => open++),
    share(),
  );
  const settling$ = raw$.pipe(
    filter(() => open === 1),
    map((first): Fact => ({ type: 'files/settling', first })),
  );
  const changed$ = raw$.pipe(
    withLatestFrom(timesOf),
    settle<[string, (path: string) => SettleTimes]>(([path, times]) => times(path), scheduler),
    map((batch) => batch.map(([path]) => path)),
    bufferWhile(gitHeld$),
    // Bounded by the batches above: one at a time, in order, because each brings the index up to date.
    concatMap((batch) =>
      from(ports.files.confirm([...new Set(batch)])).pipe(
        map((confirmed): Fact => {
          open -= batch.length;
          return { type: 'files/changed', changes: confirmed, ...(open > 0 ? { settling: true } : {}) };
        }),
      ),
    ),
  );
  return merge(settling$, changed$);
}

/** Per path: the times of the resource it belongs to, the shortest where it belongs to several. */
function debounces(current: EngineState['config']['current']): (path: string) => SettleTimes {
  const usual = { quietMs: limits.debounceQuietMs, maxMs: limits.debounceMaxMs };
  const special = Object.values(current?.resources ?? {}).filter(
    ({ debounce }) => debounce.quietMs !== usual.quietMs || debounce.maxMs !== usual.maxMs,
  );
  if (special.length === 0 || !current) return () => usual;
  const sets = special.flatMap((spec) => {
    const own =
      spec.kind === 'local'
        ? [spec.files]
        : spec.images.flatMap((ref) => {
            const image = lookup(current.images, ref);
            return image ? [image.watched ?? image.files] : [];
          });
    return own.map((set) => ({ match: matcher(set), times: spec.debounce }));
  });
  return (path) => sets.find(({ match }) => match.has(path))?.times ?? usual;
}

/** True while git works on the tree, for limits.gitHoldMs at most: a lock left by a crash must not hold for ever. */
function gitHeld(
  events$: Observable<WatchEvent>,
  scheduler: SchedulerLike,
): Observable<{ readonly held: boolean; readonly because: string }> {
  const free = { held: false, because: '' };
  return events$.pipe(
    filter((event) => event.is === 'git'),
    switchMap(({ busy, because }) =>
      busy ? merge(of({ held: true, because }), timer(limits.gitHoldMs, scheduler).pipe(map(() => free))) : of(free),
    ),
    distinctUntilChanged((a, b) => a.held === b.held),
  );
}

function told(event: WatchEvent): readonly Fact[] {
  switch (event.is) {
    case 'ready':
      return [{ type: 'files/watching', files: event.files, ms: event.ms }];
    case 'rescanned':
      return [{ type: 'files/rescanned', because: event.because }];
    case 'problem':
      return [{ type: 'files/troubled', problem: event.problem }];
    case 'mended':
      return [{ type: 'files/mended' }];
    case 'away':
      return [{ type: 'files/away', dir: event.dir }];
    case 'git':
    case 'raw':
      return [];
  }
}
