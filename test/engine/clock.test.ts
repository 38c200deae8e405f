// The machine's clock is set an hour forth or back, or the machine sleeps for an hour: what waits for ten seconds still does.
import { Subject, VirtualTimeScheduler } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { createClock } from '../../src/adapters/clock/clock.ts';
import type { Fact } from '../../src/model/fact.ts';
import { limits } from '../../src/model/limits.ts';
import type { EngineState } from '../../src/model/state.ts';
import { clock } from '../../src/sources/clock.ts';
import { config, container, failed, image, kube, local, pod, sync, unavailable, type World, world } from './world.ts';

const hour = 3_600_000;

const waits: Readonly<Record<string, { readonly begin: () => World; readonly isOver: (of: World) => boolean }>> = {
  'the next try of what was out of reach': {
    begin: () =>
      world(config([local('a')]))
        .started('a')
        .ended('a', failed(unavailable)),
    isOver: (of) => of.of('a').update.retryAt === null,
  },
  'a process that has to stay up': {
    begin: () => {
      const workload = { kind: 'Deployment', name: 'web', namespace: null, replicas: 1 };
      const of = world(config([kube('web', { workload })], [image('web', { live: [sync] })])).succeeds('web');
      of.put({ type: 'pod/seen', pod: pod('web', { containers: [container('web', { id: 'c0' })] }) }).save('image:web');
      const ledgers = { c0: of.work('web').change };
      return of.succeeds('web', { strategy: 'synclet', images: [], deployed: null, ledgers, restarted: ['c0'] });
    },
    isOver: (of) => of.of('web').changes.live === 1,
  },
  'the end of a session that drains': {
    begin: () =>
      world(config([local('a')]))
        .started('a')
        .put({ type: 'session/stop-asked', reason: 'ctrl-c', exitCode: 130 }),
    isOver: (of) => of.state.phase === 'stopped',
  },
};

/** Time passes, and what is due is told. */
function passes(of: World, ms: number): World {
  const due = of.after(ms).state.wakeAt;
  return due !== null && due <= of.now ? of.put({ type: 'clock/reached', due }) : of;
}

describe.each(Object.entries(waits))('%s', (_name, { begin, isOver }) => {
  it.each([hour, -hour])('is waited for as long as without it (%i ms)', (byMs) => {
    const of = begin();
    const left = (of.state.wakeAt as number) - of.now;
    passes(of, left / 2);
    of.after(byMs).put({ type: 'clock/set', byMs });
    expect((of.state.wakeAt as number) - of.now).toBe(left - left / 2);
    passes(of, left / 2 - 1);
    expect(isOver(of)).toBe(false);
    passes(of, 1);
    expect(isOver(of)).toBe(true);
  });
});

it('the time of facts passes steadily, and follows the clock of the machine when asked to', () => {
  let [wall, steady] = [5_000_000, 100];
  const pass = (ms: number): void => {
    wall += ms;
    steady += ms;
  };
  const time = createClock(
    () => wall,
    () => steady,
  );
  pass(10);
  expect([time.now(), time.follow()]).toEqual([5_000_010, 0]);
  wall += limits.clockStepMs - 1;
  expect([time.now(), time.follow()]).toEqual([5_000_010, 0]);
  for (const byMs of [hour, -2 * hour]) {
    const before = time.now();
    wall += byMs;
    pass(5);
    expect(time.now()).toBe(before + 5);
    expect(Math.abs(time.follow() - byMs)).toBeLessThan(limits.clockStepMs);
    expect(time.now()).toBe(wall);
  }
});

it('that it was set is told once', () => {
  const scheduler = new VirtualTimeScheduler(undefined, 10_000);
  const steps = [0, hour, 0, -hour, 0];
  const facts: Fact[] = [];
  const ports = { now: () => 0, clock: { now: () => 0, follow: () => steps.shift() ?? 0 } };
  const running = clock(scheduler)
    .run(new Subject<EngineState>(), ports)
    .subscribe((fact) => facts.push(fact));
  scheduler.flush();
  running.unsubscribe();
  expect(facts).toEqual([
    { type: 'clock/set', byMs: hour },
    { type: 'clock/set', byMs: -hour },
  ]);
});
