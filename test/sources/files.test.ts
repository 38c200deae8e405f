import { VirtualTimeScheduler } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { files } from '../../src/sources/files.ts';
import { config, image, kube, local, world } from '../engine/world.ts';
import { feed, settled } from '../support/feeds.ts';
import { fakeFiles } from '../support/ports.ts';

/** Virtual time: `pass` runs what is due within so many ms, then lets promises settle. */
function session(specs = [local('gen')] as Parameters<typeof config>[0], targetOf?: Parameters<typeof fakeFiles>[0]) {
  const clock = new VirtualTimeScheduler();
  const port = fakeFiles(targetOf);
  const it = world(config(specs));
  const fed = feed(files(clock), { files: port, now: () => clock.now() }, it.state, (fact) => it.put(fact));
  const pass = async (ms: number) => {
    clock.maxFrames = clock.frame + ms;
    clock.flush();
    clock.frame = clock.maxFrames;
    await settled();
  };
  return { port, fed, it, pass };
}
const types = (facts: readonly { readonly type: string }[]) => facts.map(({ type }) => type);

describe('a save', () => {
  it('is one change after 50 ms of silence, however many events it made', async () => {
    const { port, fed, pass } = session();
    port.save('/p/gen/a', '/p/gen/b');
    await pass(40);
    port.save('/p/gen/a');
    await pass(49);
    expect(types(fed.news())).toEqual(['files/settling']);
    await pass(1);
    expect(fed.news()).toMatchObject([
      { type: 'files/changed', changes: [{ path: '/p/gen/a' }, { path: '/p/gen/b' }] },
    ]);
  });

  it('settling is told exactly once per burst', async () => {
    const { port, fed, pass } = session();
    for (let n = 0; n < 5; n++) {
      port.save('/p/gen/a');
      await pass(10);
    }
    await pass(60);
    port.save('/p/gen/a');
    await pass(60);
    expect(types(fed.facts)).toEqual(['files/settling', 'files/changed', 'files/settling', 'files/changed']);
  });

  it('a file that is written all the time is a change after two seconds', async () => {
    const { port, fed, pass } = session();
    for (let ms = 0; ms < 2_000; ms += 40) {
      port.save('/p/gen/a');
      await pass(40);
    }
    expect(types(fed.facts)).toContain('files/changed');
  });

  it('a touch confirms nothing, and the session comes to rest', async () => {
    const { port, fed, it, pass } = session();
    it.succeeds('gen');
    port.untouched.add('/p/gen/a');
    port.save('/p/gen/a');
    expect(it.state.isIdle).toBe(false);
    await pass(50);
    expect(fed.facts.at(-1)).toEqual({ type: 'files/changed', changes: [] });
    expect(it.state.isIdle).toBe(true);
  });

  it('waits for the times of its own resource; until all have settled nothing is idle', async () => {
    const slow = local('slow', { debounce: { quietMs: 500, maxMs: 5_000 } });
    const { port, fed, it, pass } = session([local('gen', { start: false }), { ...slow, start: false }]);
    port.save('/p/gen/a', '/p/slow/a');
    await pass(50);
    expect(fed.facts.at(-1)).toMatchObject({ changes: [{ path: '/p/gen/a' }], settling: true });
    expect(it.state.isIdle).toBe(false);
    await pass(450);
    expect(fed.facts.at(-1)).toEqual({
      type: 'files/changed',
      changes: [{ path: '/p/slow/a', kind: 'changed', targets: ['local:gen'] }],
    });
    expect(it.state.isIdle).toBe(true);
  });
});

describe('a git operation', () => {
  it('holds changes back and lets them go as one', async () => {
    const { port, fed, it, pass } = session();
    port.tell({ is: 'git', busy: true, because: 'rebase' });
    for (const path of ['/p/gen/a', '/p/gen/b']) {
      port.save(path);
      await pass(100);
    }
    expect(types(fed.facts)).toEqual(['git/held', 'files/settling']);
    expect(it.state.git).toEqual({ held: true, because: 'rebase' });
    port.tell({ is: 'git', busy: false, because: '' });
    await pass(0);
    expect(fed.facts.slice(2)).toMatchObject([{ type: 'git/released' }, { changes: [{}, {}] }]);
  });

  it('holds for ten seconds at most: a lock left by a crash must not hold for ever', async () => {
    const { port, fed, it, pass } = session();
    port.tell({ is: 'git', busy: true, because: 'index.lock' });
    port.save('/p/gen/a');
    await pass(9_999);
    expect(types(fed.facts)).toEqual(['git/held', 'files/settling']);
    await pass(1);
    expect(types(fed.facts.slice(2))).toEqual(['git/released', 'files/changed']);
    expect(it.state.git.held).toBe(false);
  });
});

describe('watches', () => {
  it('follow the configuration, and end with the session', async () => {
    const { port, fed, it } = session([local('gen'), kube('web')]);
    expect(port.plans.map(({ targets }) => targets.map(({ id }) => id))).toEqual([
      ['image:web', 'local:gen', 'config'],
    ]);
    it.put({ type: 'config/loaded', config: config([local('gen')], [image('db')]), wanted: 1 });
    fed.next(it.state);
    expect(port.plans.at(-1)?.targets.map(({ id }) => id)).toEqual(['image:db', 'local:gen', 'config']);
    it.save('local:gen');
    fed.next(it.state);
    expect(port.plans).toHaveLength(2);
    fed.complete();
    await settled();
    expect([fed.isComplete, port.watches]).toEqual([true, 0]);
  });

  it('say when all is watched, what was lost, and what cannot be watched', () => {
    const { port, fed } = session();
    const problem = { kind: 'step' as const, code: 'S500', what: 'limit of file watches reached' };
    port.tell({ is: 'ready', files: 3, ms: 1 });
    port.tell({ is: 'rescanned', because: 'overflow' });
    port.tell({ is: 'problem', problem });
    expect(fed.facts).toEqual([
      { type: 'files/watching', files: 3, ms: 1 },
      { type: 'files/rescanned', because: 'overflow' },
      { type: 'files/troubled', problem },
    ]);
  });
});
