import { Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { builds } from '../../src/controllers/builds.ts';
import type { Ports } from '../../src/model/ports.ts';
import type { Outcome, RunEvent, Work } from '../../src/model/run.ts';
import type { Strategy } from '../../src/update/strategy.ts';
import { cancelled, config, kube, local, world } from '../engine/world.ts';
import { feed } from '../support/feeds.ts';
import { memoryLogs } from '../support/ports.ts';

/** Runs end when the test says so, also those that were asked to stop. */
function session(specs = [local('web', { onChange: 'cancel' })] as Parameters<typeof config>[0]) {
  const runs: { work: Work; isAsked: () => boolean; isAlive: boolean; end: (outcome: Outcome) => void }[] = [];
  const strategy: Strategy = {
    name: 'fake',
    claim: () => ({ take: true }),
    run: (work, stop) =>
      new Observable<RunEvent>((subscriber) => {
        const run = {
          work,
          isAlive: true,
          isAsked: () => stop.aborted,
          end: (outcome: Outcome) => {
            subscriber.next({ is: 'ended', outcome });
            subscriber.complete();
          },
        };
        runs.push(run);
        return () => {
          run.isAlive = false;
        };
      }),
  };
  const it = world(config(specs));
  const ports = { logs: memoryLogs(), now: Date.now } as unknown as Ports;
  const make = () => {
    const fed = feed(builds([strategy]), ports, it.state, (fact) => {
      it.put(fact);
      queueMicrotask(() => fed.next(it.state));
    });
    return fed;
  };
  const fed = make();
  return { runs, it, fed, again: make };
}
const done: Outcome = {
  is: 'ok',
  result: { strategy: 'fake', images: [], deployed: null, ledgers: {}, unchanged: false },
};
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('builds', () => {
  it('the newest save wins, one in the middle never starts, and never are two alive', async () => {
    const { runs, it, fed } = session();
    await turn();
    for (let n = 0; n < 3; n++) {
      it.save('local:web');
      fed.next(it.state);
      await turn();
    }
    expect(runs.map(({ isAsked, isAlive }) => [isAsked(), isAlive])).toEqual([[true, true]]);
    runs[0]?.end(cancelled);
    await turn();
    expect(runs.map(({ work, isAlive }) => [work.change, isAlive])).toEqual([
      [0, false],
      [3, true],
    ]);
    runs[1]?.end(done);
    await turn();
    expect(it.of('web')).toMatchObject({ changes: { live: 3 }, update: { now: { is: 'idle' } } });
    expect(fed.facts.map(({ type }) => type)).toEqual([
      'run/started',
      'run/strategy',
      'run/ended',
      'run/started',
      'run/strategy',
      'run/ended',
    ]);
  });

  it('a feed that is started again repeats nothing that was done, and starts what was not', async () => {
    const { runs, it, again } = session([local('a'), local('b')]);
    await turn();
    runs[0]?.end(done);
    await turn();
    again();
    await turn();
    expect(runs.map(({ work }) => work.run)).toEqual(['a#1', 'b#1', 'b#1']);
    expect(it.of('b').update.now.is).toBe('running');
  });

  it('a cancel by hand stops the run, and nothing starts after it', async () => {
    const { runs, it, fed } = session();
    await turn();
    it.put({ type: 'user/asked', action: { do: 'cancel', resource: 'web' }, by: 'tui' });
    fed.next(it.state);
    expect(runs[0]?.isAsked()).toBe(true);
    runs[0]?.end(cancelled);
    await turn();
    expect(runs).toHaveLength(1);
    expect(it.state.isIdle).toBe(true);
  });

  it('a resource removed while it builds is stopped, and waited for when it returns', async () => {
    const { runs, it, fed } = session([kube('web'), local('gen')]);
    await turn();
    runs.find(({ work }) => work.resource === 'gen')?.end(done);
    await turn();
    it.reload(config([local('gen')]));
    fed.next(it.state);
    const web = runs.find(({ work }) => work.resource === 'web');
    expect([web?.isAsked(), web?.isAlive]).toEqual([true, true]);
    it.reload(config([kube('web'), local('gen')]));
    fed.next(it.state);
    await turn();
    expect(runs.filter(({ work }) => work.resource === 'web')).toHaveLength(1);
    web?.end(cancelled);
    it.put({ type: 'removal/ended', resource: 'web', problem: null });
    fed.next(it.state);
    await turn();
    expect(runs.filter(({ work }) => work.resource === 'web')).toHaveLength(2);
  });

  it('the end of the session waits for what is stopping, then the feed completes', async () => {
    const { runs, it, fed } = session();
    await turn();
    it.put({ type: 'session/stop-asked', reason: 'ctrl-c', exitCode: 0 });
    fed.next(it.state);
    fed.complete();
    expect(fed.isComplete).toBe(false);
    runs[0]?.end(cancelled);
    await turn();
    expect([fed.isComplete, it.state.phase]).toEqual([true, 'stopped']);
  });
});
