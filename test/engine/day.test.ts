// A day in virtual time: the planner's own clock, a save each two minutes, pods that are replaced, runs that fail and are tried again.
// What the state holds in the evening is what it held in the morning, and no timer is left.

import { setImmediate as turn } from 'node:timers/promises';
import {
  concat,
  exhaustMap,
  filter,
  groupBy,
  map,
  mergeMap,
  type Observable,
  of,
  timer,
  VirtualTimeScheduler,
} from 'rxjs';
import { expect, it } from 'vitest';
import { type Feed, makeEngine } from '../../src/engine/engine.ts';
import { reduce, seed } from '../../src/engine/reduce.ts';
import { currentWork } from '../../src/engine/resources/run.ts';
import type { Fact } from '../../src/model/fact.ts';
import type { Outcome } from '../../src/model/run.ts';
import type { EngineState, ResourceState } from '../../src/model/state.ts';
import { clock } from '../../src/sources/clock.ts';
import {
  built,
  clusterUp,
  config,
  deployedOf,
  dockerUp,
  failed,
  image,
  kube,
  local,
  pod,
  unavailable,
} from './world.ts';

const minute = 60_000;
const hour = 60 * minute;
const stepMs = 5_000;

interface Day {
  readonly now: () => number;
}

/** Carries out what is desired in ten seconds of the day; each seventh run finds a registry out of reach. */
const doing = (scheduler: VirtualTimeScheduler): Feed<Day> => ({
  name: 'doing',
  run: (state$) =>
    state$.pipe(
      mergeMap(({ resources }) => Object.values(resources)),
      groupBy(({ spec }) => spec.name),
      mergeMap((of$) =>
        of$.pipe(
          filter(isWanted),
          exhaustMap((resource) => run(resource, scheduler)),
        ),
      ),
    ),
});

const isWanted = ({ update: { now } }: ResourceState): boolean => now.is === 'wanted';

function run(wanted: ResourceState, scheduler: VirtualTimeScheduler): Observable<Fact> {
  const {
    spec,
    used: { runs },
  } = wanted;
  const work = currentWork(wanted);
  const [resource, id] = [spec.name, work?.run ?? ''];
  const deployed = spec.kind === 'kubernetes' ? deployedOf(spec) : null;
  const images = spec.kind === 'kubernetes' ? spec.images.map((ref) => built(ref, work?.change ?? 0)) : [];
  const result = { strategy: 'full build', images, deployed, ledgers: {}, unchanged: false };
  const outcome: Outcome = runs % 7 === 3 ? failed(unavailable) : { is: 'ok', result };
  return concat(
    of<Fact>({ type: 'run/started', resource, run: id }),
    timer(10_000, scheduler).pipe(map((): Fact => ({ type: 'run/ended', resource, run: id, outcome }))),
  );
}

/** What happens at the `n`th save. */
function happening(n: number): readonly Fact[] {
  const name = n % 3 === 0 ? 'web' : 'gen';
  const target = name === 'web' ? 'image:web' : 'local:gen';
  const path = `/p/${name}/f${n % 500}.js`;
  const facts: Fact[] = [
    { type: 'files/settling', first: path },
    { type: 'files/changed', changes: [{ path, kind: 'changed', targets: [target] }] },
    { type: 'log/appended', resource: name, lines: n * 10, bytes: n * 1_000, last: `line ${n}` },
    {
      type: 'event/seen',
      event: {
        at: 1_000_000 + n * 2 * minute,
        type: 'Normal',
        reason: 'Pulled',
        message: `message ${n}`,
        object: { kind: 'Pod', name: `web-${n}`, namespace: 'default', uid: `u${n - (n % 10)}` },
        count: 1,
      },
    },
  ];
  if (n % 10 === 0) {
    facts.push({ type: 'pod/seen', pod: pod('web', { uid: `u${n}`, name: `web-${n}` }) });
    if (n > 10) facts.push({ type: 'pod/gone', uid: `u${n - 10}` });
  }
  if (n % 60 === 0) facts.push({ type: 'git/held', because: 'a rebase' }, { type: 'git/released' });
  return facts;
}

it('state, timers and the size of the state are flat over a day', async () => {
  const scheduler = new VirtualTimeScheduler(undefined, 0);
  const now = () => 1_000_000 + scheduler.frame;
  const engine = makeEngine<Day & never>(reduce, [clock(scheduler), doing(scheduler)] as never, { now } as never);
  let state: EngineState = seed;
  const watching = engine.state$.subscribe((next) => {
    state = next;
  });
  const running = engine.run$.subscribe();
  const loaded = config([kube('web'), local('gen')], [image('web')]);
  engine.put({ type: 'session/started', options: { ...seed.options, runId: 'r', file: '/p/sluice.yaml', dir: '/p' } });
  for (const fact of [dockerUp, clusterUp]) engine.put(fact);
  engine.put({ type: 'config/loaded', config: loaded, wanted: 1 });
  engine.put({ type: 'files/watching', files: 1, ms: 1 });

  const hours: { size: number; timers: number }[] = [];
  for (let at = 0; at <= 24 * hour; at += stepMs) {
    // Time passes also where nothing happens.
    scheduler.schedule(() => {}, at - scheduler.frame);
    scheduler.maxFrames = at;
    scheduler.flush();
    if (at % (2 * minute) === 0) for (const fact of happening(at / (2 * minute))) engine.put(fact);
    await turn();
    if (at % hour === hour - stepMs)
      hours.push({ size: JSON.stringify(state).length, timers: scheduler.actions.length });
  }
  running.unsubscribe();
  watching.unsubscribe();

  expect(state.bug).toBeNull();
  expect(state.changes.seen).toBe(721);
  // The first hours fill what is bounded: histories, events, pending paths.
  const [morning, evening] = [hours[8]!, hours[23]!];
  expect(evening.size / morning.size).toBeLessThan(1.05);
  expect(Math.max(...hours.map(({ timers }) => timers))).toBeLessThanOrEqual(3);
  expect(scheduler.actions.length).toBeLessThanOrEqual(1);
});
