// What an update in place leaves running: live when the new process is up, and not because the old code runs again.
import { describe, expect, it } from 'vitest';
import { askedOnTrial } from '../../../src/engine/runtime/trial.ts';
import { limits } from '../../../src/model/limits.ts';
import type { Container } from '../../../src/model/pods/pod.ts';
import { config, container, image, kube, pod, sync, type World, world } from '../world.ts';

const { processStayMs, processStayMaxMs } = limits;
const probe = { windowMs: 2_000 };

/** Pods of `web` with one container each, as the cluster sees them now. */
const seen = (it: World, ...containers: readonly Partial<Container>[]) => {
  for (const [i, parts] of containers.entries())
    it.put({
      type: 'pod/seen',
      pod: pod('web', {
        uid: `p${i}`,
        name: `web-${i}`,
        owner: { kind: 'ReplicaSet', name: 'web', uid: 'r' },
        containers: [container('web', { id: `c${i}`, ...parts })],
      }),
    });
  return it;
};

const up = (...containers: readonly Partial<Container>[]) => {
  const workload = { kind: 'Deployment', name: 'web', namespace: null, replicas: containers.length };
  const it = world(config([kube('web', { workload })], [image('web', { live: [sync] })])).succeeds('web');
  return seen(it, ...containers);
};

/** The wanted run updates these containers in place and starts their processes anew. */
const restarts = (it: World, ...ids: readonly string[]) => {
  const { change } = it.work('web');
  const ledgers = Object.fromEntries(ids.map((id) => [id, change]));
  return it.succeeds('web', { strategy: 'synclet', images: [], deployed: null, ledgers, restarted: ids });
};
const passes = (it: World, ms: number) => {
  it.after(ms);
  return it.put({ type: 'clock/reached', due: it.now });
};
const status = (it: World) => [it.of('web').runtime.status, it.of('web').changes.live];

describe('a process that an update started anew', () => {
  it('without a probe is live once it has stayed up, and idle no earlier', () => {
    const it = restarts(up({}).save('image:web'), 'c0');
    expect([status(it), it.state.isIdle]).toEqual([['pending', 0], false]);
    expect(it.state.wakeAt).toBe(it.now + processStayMs);
    passes(it, processStayMs - 1);
    expect(status(it)).toEqual(['pending', 0]);
    passes(it, 1);
    expect([status(it), it.state.isIdle]).toEqual([['ready', 1], true]);
  });

  it('is not waited for where nothing was started anew', () => {
    const it = up({}).save('image:web');
    it.succeeds('web', { strategy: 'synclet', images: [], deployed: null, ledgers: { c0: 1 }, restarted: [] });
    expect([status(it), it.state.isIdle]).toEqual([['ready', 1], true]);
  });

  it('is live as soon as its probe has answered somebody, for the process that was asked alone', () => {
    const question = { is: 'tcp', port: 80 } as const;
    const asked = { probe: { ...probe, question } };
    const it = restarts(up(asked).save('image:web'), 'c0');
    const [wanted] = Object.values(askedOnTrial(it.state));
    expect(wanted).toMatchObject({ namespace: 'default', pod: 'web-0', uid: 'p0', container: 'web', question });
    const answer = (begunAt = 0) => it.put({ type: 'trial/answered', pod: 'p0', container: 'web', begunAt });
    expect(status(answer((wanted?.at ?? 0) - 1))).toEqual(['pending', 0]);
    expect(status(answer(wanted?.at))).toEqual(['ready', 1]);
    expect(askedOnTrial(it.state)).toEqual({});
    // Its kubelet has the last word, and what cannot be asked is waited for.
    restarts(it.save('image:web'), 'c0');
    expect(Object.keys(askedOnTrial(it.state))).toHaveLength(1);
    seen(it, { ...asked, ready: false });
    expect(askedOnTrial(it.state)).toEqual({});
    expect(askedOnTrial(restarts(up({ probe: { ...probe, question: null } }).save('image:web'), 'c0').state)).toEqual(
      {},
    );
  });

  it('is live when its probe passes again, and not while it fails', () => {
    const it = restarts(up({ probe }).save('image:web'), 'c0');
    seen(it, { probe, ready: false });
    passes(it, 60_000);
    expect(status(it)).toEqual(['pending', 0]);
    seen(it, { probe });
    expect(status(it)).toEqual(['ready', 1]);
  });

  it('is live when its probe would have failed by now', () => {
    const it = restarts(up({ probe }).save('image:web'), 'c0');
    passes(it, probe.windowMs - 1);
    expect(status(it)).toEqual(['pending', 0]);
    passes(it, 1);
    expect(status(it)).toEqual(['ready', 1]);
  });

  it('that was not ready before has to become so', () => {
    const it = up({ probe, ready: false }).save('image:web');
    restarts(it, 'c0');
    passes(it, 60_000);
    expect(status(it)[0]).toBe('pending');
    seen(it, { probe });
    expect(status(it)).toEqual(['ready', 1]);
  });
});

describe('a save that ends the process', () => {
  const ended: Partial<Container> = { state: 'terminated', reason: 'Error', exitCode: 1, ready: false };
  const again = (id: string, restarts: number): Partial<Container> => ({
    id,
    restarts,
    last: { exitCode: 1, reason: 'Error', id: 'c0', finishedAt: null },
  });

  it('fails with how it ended, is not put in again, and the next one is live when that runs', () => {
    const it = restarts(up({}).save('image:web'), 'c0');
    seen(it.after(400), ended);
    expect(status(it)).toEqual(['failed', 0]);
    seen(it, again('c0-b', 1));
    expect([status(it), it.running]).toEqual([['failed', 0], []]);
    expect(it.of('web').runtime.problem).toMatchObject({ code: 'S353', what: expect.stringContaining('exit code 1') });
    passes(it, 600_000);
    expect([status(it), it.state.isIdle]).toEqual([['failed', 0], true]);
    it.save('image:web');
    expect(it.work('web')).toMatchObject({ containers: [{ id: 'c0-b', ledger: 0 }], fullBuild: null });
    restarts(it, 'c0-b');
    passes(it, processStayMs);
    expect(status(it)).toEqual(['ready', 2]);
  });

  it('while the update itself is told to be done, also', () => {
    const it = up({}).save('image:web').started('web');
    seen(it, again('c0-b', 1));
    it.ended('web', {
      is: 'ok',
      result: { strategy: 'x', images: [], deployed: null, ledgers: {}, restarted: ['c0'], unchanged: false },
    });
    expect([status(it), it.running]).toEqual([['failed', 0], []]);
  });

  it('waits for the container to come back where its mend is saved at once', () => {
    const it = restarts(up({}).save('image:web'), 'c0');
    seen(it, ended).save('image:web');
    expect(it.hold('web')).toBe('container-starting web');
    seen(it, again('c0-b', 1));
    expect(it.work('web')).toMatchObject({ fullBuild: null });
  });

  it('late takes back that it was live, is put in once more, and has to last longer then', () => {
    const it = restarts(up({}).save('image:web'), 'c0');
    passes(it, processStayMs);
    seen(it.after(3_000), ended);
    expect(status(it)).toEqual(['failed', 0]);
    seen(it, again('c0-b', 1));
    expect(it.work('web')).toMatchObject({ cause: 'crash', fullBuild: null });
    restarts(it, 'c0-b');
    passes(it, processStayMs + 3_000);
    expect(status(it)).toEqual(['pending', 0]);
    seen(it, { ...ended, id: 'c0-b' });
    seen(it, again('c0-c', 2));
    expect([status(it), it.running]).toEqual([['failed', 0], []]);
  });

  it('without being started anew by the update is no circle either', () => {
    const it = up({}).save('image:web');
    it.succeeds('web', { images: [], deployed: null, ledgers: { c0: 1 } });
    seen(it.after(1_000), again('c0-b', 1));
    it.succeeds('web', { images: [], deployed: null, ledgers: { 'c0-b': 1 } });
    expect(status(it)).toEqual(['pending', 0]);
    seen(it.after(500), again('c0-c', 2));
    expect([status(it), it.running]).toEqual([['failed', 0], []]);
  });

  it('after a long time is no more than an end: its files are back after a trial with an end', () => {
    const it = restarts(up({}).save('image:web'), 'c0');
    passes(it, 3_600_000);
    seen(it, again('c0-b', 1));
    restarts(it, 'c0-b');
    passes(it, processStayMaxMs);
    expect(status(it)).toEqual(['ready', 1]);
  });

  it('in one of several replicas is live in none, and the others are left alone', () => {
    const it = restarts(up({}, {}).save('image:web'), 'c0', 'c1');
    seen(it.after(500), again('c0-b', 1), {});
    passes(it, processStayMs);
    expect([status(it), it.running]).toEqual([['failed', 0], []]);
    seen(it, again('c0-b', 1), { id: 'c1-b', restarts: 1 });
    expect(it.work('web')).toMatchObject({ cause: 'crash', containers: [{ fell: true }, { id: 'c1-b', fell: false }] });
  });

  it('is forgotten with its pod', () => {
    const it = restarts(up({}).save('image:web'), 'c0');
    seen(it, again('c0-b', 1));
    it.put({ type: 'pod/gone', uid: 'p0' });
    expect(it.state).toMatchObject({ trials: {}, ledgers: {} });
    it.put({ type: 'pod/seen', pod: pod('web', { uid: 'n' }) });
    expect(it.work('web')).toMatchObject({ cause: 'crash' });
  });

  it('is told apart from a pod that is being deleted', () => {
    const it = restarts(up({}).save('image:web'), 'c0');
    it.put({ type: 'pod/seen', pod: pod('web', { uid: 'p0', deleting: true, containers: [container('web', ended)] }) });
    expect(it.state.trials['p0/web']?.is).toBe('trying');
  });
});
