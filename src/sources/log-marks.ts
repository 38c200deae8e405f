// That there are new log lines, and how many: at most ten facts a second and resource, whatever the volume. And how far a
// run is that draws its progress.
import {
  asyncScheduler,
  bufferWhen,
  filter,
  first,
  map,
  merge,
  mergeMap,
  type Observable,
  type SchedulerLike,
  share,
  switchMap,
  timer,
} from 'rxjs';
import type { Feed } from '../engine/engine.ts';
import type { Fact } from '../model/fact.ts';
import { limits } from '../model/limits.ts';
import type { Drawn, LogLine } from '../model/log.ts';
import type { Ports } from '../model/ports.ts';
import { cutAt } from '../model/text/cut.ts';

export function logMarks(scheduler: SchedulerLike = asyncScheduler): Feed<Pick<Ports, 'logs'>> {
  return {
    name: 'log-marks',
    run: (_state$, ports) => {
      const lines$ = ports.logs.lines$.pipe(share());
      // A window opens with the first line: no timer runs while all is silent.
      const window = (): Observable<unknown> =>
        lines$.pipe(
          first(),
          switchMap(() => timer(1_000 / limits.logMarksPerSecond, scheduler)),
        );
      const marks$ = lines$.pipe(
        map(lastOfEach),
        bufferWhen(window),
        filter((batches) => batches.length > 0),
        mergeMap((batches) => marks(batches, ports)),
      );
      return merge(marks$, ports.logs.drawn$.pipe(mergeMap(progress)));
    },
  };
}

function progress({ origin, text }: Drawn): readonly Fact[] {
  const { resource, run } = origin;
  if (run === undefined || text.trim() === '') return [];
  return [{ type: 'run/progressed', resource, run, text: text.trim().slice(0, limits.markBytes) }];
}

type Last = ReadonlyMap<string, string>;

const lastOfEach = (lines: readonly LogLine[]): Last => new Map(lines.map((line) => [line.resource, line.text]));

function marks(batches: readonly Last[], ports: Pick<Ports, 'logs'>): readonly Fact[] {
  const newest = new Map(batches.flatMap((batch) => [...batch]));
  return [...newest].map(([resource, last]) => ({
    type: 'log/appended',
    resource,
    ...ports.logs.stats(resource),
    last: last.slice(0, cutAt(last, limits.markBytes)),
  }));
}
