import { describe, expect, it } from 'vitest';
import type { KubeSpec } from '../../../src/model/config.ts';
import type { Pod } from '../../../src/model/pods/pod.ts';
import { config, container, deployedOf, kube, object, pod, pods, type World, world } from '../world.ts';

function deployed(parts: Partial<KubeSpec> = {}, template = 't1'): World {
  const spec = kube('web', { images: [], ...parts });
  return world(config([spec])).succeeds('web', {
    images: [],
    deployed: deployedOf(spec, { templates: [pods(template, spec.workload?.kind, spec.workload?.replicas)] }),
  });
}
const seen = (it: World, ...pods: readonly Pod[]) =>
  it.put(...pods.map((each) => ({ type: 'pod/seen' as const, pod: each })));
const runtime = (it: World) => {
  const { status, text } = it.of('web').runtime;
  return `${status}: ${text}`;
};
const workload = (kind: string, replicas = 1) => ({ workload: { kind, name: 'web', namespace: null, replicas } });
const crashing = (uid: string, parts: Partial<Pod> = {}) =>
  pod('web', {
    uid,
    ready: false,
    status: 'CrashLoopBackOff',
    containers: [
      container('web', {
        ready: false,
        state: 'waiting',
        reason: 'CrashLoopBackOff',
        last: { exitCode: 1, reason: 'Error', id: 'x', finishedAt: 1 },
      }),
    ],
    ...parts,
  });

describe('a Deployment', () => {
  it('is ready when all replicas of the newest template are: old pods count for nothing', () => {
    const it = deployed(workload('Deployment', 2), 't2');
    expect(runtime(it)).toBe('pending: waiting for pods');
    seen(it, pod('web', { uid: 'old1' }), pod('web', { uid: 'old2' }), pod('web', { uid: 'n1', template: 't2' }));
    expect(runtime(it)).toBe('pending: 1/2 ready');
    seen(it, pod('web', { uid: 'n2', template: 't2' }));
    expect(runtime(it)).toBe('ready: 2/2 ready');
  });

  it('an old pod that crashes is no failure of the new one', () => {
    const it = seen(deployed({}, 't2'), crashing('old'), pod('web', { uid: 'new', template: 't2' }));
    expect(runtime(it)).toBe('ready: Running');
  });

  it('an evicted pod beside the one that replaced it is no failure', () => {
    const evicted = pod('web', { uid: 'a', phase: 'Failed', status: 'Evicted', ready: false, createdAt: 1 });
    const it = seen(deployed(), evicted, pod('web', { uid: 'b', createdAt: 2 }));
    expect(runtime(it)).toBe('ready: Running');
    seen(it, { ...evicted, uid: 'c', createdAt: 3 });
    expect(it.of('web').runtime.status).toBe('failed');
  });

  it('a pod that restarts and recovers clears the failure', () => {
    const it = seen(deployed(), crashing('a'));
    expect(it.of('web').runtime).toMatchObject({
      status: 'failed',
      stuck: true,
      problem: { code: 'S350', what: 'container web of pod web-abc: CrashLoopBackOff (exit code 1)' },
    });
    expect(it.state.isIdle).toBe(true);
    seen(it, pod('web', { uid: 'a', restarts: 1 }));
    expect(it.of('web').runtime).toMatchObject({ status: 'ready', problem: null });
  });

  it('that becomes unready after having been ready is pending, and its changes stay live', () => {
    const it = seen(deployed(), pod('web'));
    seen(it, pod('web', { ready: false }));
    expect(runtime(it)).toBe('pending: Running');
    expect(it.of('web').wasReady).toBe(true);
    expect(it.state.isIdle).toBe(false);
  });

  it('scaled to nothing is ready', () => {
    expect(runtime(deployed(workload('Deployment', 0)))).toBe('ready: scaled to 0');
  });

  it('whose pod no node takes waits for a person: idle', () => {
    const it = seen(deployed(), pod('web', { ready: false, status: 'Pending', node: null, message: 'no nodes' }));
    expect(it.state.isIdle).toBe(true);
    expect(runtime(it)).toBe('pending: Pending: no nodes');
  });

  it('pods on their way out do not count', () => {
    const it = seen(deployed(), pod('web', { deleting: true }));
    expect(runtime(it)).toBe('pending: waiting for pods');
  });
});

describe('two workloads in one resource', () => {
  const both = () => {
    const spec = kube('web', { images: [], ...workload('Deployment', 2) });
    const templates = [pods('t1', 'Deployment', 2), pods('u1', 'StatefulSet', 1), pods('j1', 'Job', 1)];
    return world(config([spec])).succeeds('web', { images: [], deployed: deployedOf(spec, { templates }) });
  };

  it('are ready when each has its pods: one too many here makes up for none there', () => {
    const it = seen(both(), ...['a', 'b', 'c'].map((uid) => pod('web', { uid })));
    expect(runtime(it)).toBe('pending: 2/3 ready');
    seen(it, pod('web', { uid: 'd', template: 'u1', ready: false }));
    expect(runtime(it)).toBe('pending: 2/3 ready');
    seen(it, pod('web', { uid: 'd', template: 'u1' }));
    expect(runtime(it)).toBe('ready: 3/3 ready');
  });

  it('fail with the Job beside them, once it has no try left', () => {
    const it = seen(both(), ...['a', 'b'].map((uid) => pod('web', { uid })), pod('web', { uid: 'd', template: 'u1' }));
    const { labels } = pod('web', { template: 'j1' });
    const crashed = (restarts: number) => {
      const one = crashing('j', { labels });
      return { ...one, containers: one.containers.map((each) => ({ ...each, restarts })) };
    };
    seen(it, crashed(5));
    expect(it.of('web').runtime.status).toBe('ready');
    seen(it, crashed(6));
    expect(it.of('web').runtime.status).toBe('failed');
  });
});

describe('other kinds', () => {
  it('a DaemonSet is ready when all the pods there are, are', () => {
    const it = seen(deployed(workload('DaemonSet')), pod('web', { uid: 'a' }), pod('web', { uid: 'b', ready: false }));
    expect(runtime(it)).toBe('pending: 1/2 ready');
    seen(it, pod('web', { uid: 'b' }));
    expect(runtime(it)).toBe('ready: 2/2 ready');
  });

  it('a StatefulSet replaces its pods under the same names', () => {
    const it = deployed(workload('StatefulSet', 2), 't2');
    seen(it, pod('web', { uid: 'a', name: 'web-0' }), pod('web', { uid: 'b', name: 'web-1', template: 't2' }));
    expect(runtime(it)).toBe('pending: 1/2 ready');
    it.put({ type: 'pod/gone', uid: 'a' });
    seen(it, pod('web', { uid: 'c', name: 'web-0', template: 't2' }));
    expect(runtime(it)).toBe('ready: 2/2 ready');
  });

  it('a CronJob, or what runs no pods, is ready once deployed', () => {
    expect(runtime(deployed({ ...workload('CronJob'), ready: 'none' }))).toBe('ready: deployed');
    expect(runtime(deployed({ workload: null }))).toBe('ready: deployed');
  });

  it('a bare pod may be done', () => {
    const it = seen(deployed(workload('Pod')), pod('web', { phase: 'Succeeded', status: 'Completed', ready: false }));
    expect(runtime(it)).toBe('done: Completed');
  });

  it('pods made by others belong by their selector', () => {
    const it = deployed({ ...workload('Redis'), selectors: [{ app: 'web' }] });
    seen(it, pod('web', { labels: { app: 'web' } }));
    expect(runtime(it)).toBe('ready: Running');
  });

  it('a pod labelled with what is no resource belongs to nobody', () => {
    const it = seen(deployed(), pod('web', { labels: { 'sluice-resource': 'constructor' } }));
    expect(runtime(it)).toBe('pending: waiting for pods');
  });
});

describe('a Job', () => {
  const job = (spec: Readonly<Record<string, unknown>> = {}) =>
    deployed({ ...workload('Job'), ready: 'job', objects: [object('Job', 'web', spec)] });
  const attempt = (n: number, phase: string) =>
    pod('web', {
      uid: `p${n}`,
      createdAt: n,
      phase,
      ready: false,
      status: phase === 'Failed' ? 'Error' : phase === 'Succeeded' ? 'Completed' : phase,
      containers: [container('web', phase === 'Failed' ? { state: 'terminated', exitCode: 1, reason: 'Error' } : {})],
    });

  it('that failed and is tried again is not a failure yet', () => {
    const it = seen(job({ backoffLimit: 1 }), attempt(1, 'Failed'));
    expect(runtime(it)).toBe('pending: Error, tried 1 of 2');
    expect(it.state.isIdle).toBe(false);
    seen(it, attempt(2, 'Running'));
    expect(runtime(it)).toBe('pending: Running');
    seen(it, attempt(2, 'Failed'));
    expect(runtime(it)).toBe('failed: Error');
    expect(it.state.isIdle).toBe(true);
  });

  it('that succeeds in the end is done', () => {
    const it = seen(job(), attempt(1, 'Failed'), attempt(2, 'Succeeded'));
    expect(runtime(it)).toBe('done: Completed');
  });

  it('given up by the cluster is a failure also when its pods are gone', () => {
    const it = job();
    const about = { kind: 'Job', name: 'web', namespace: 'default', uid: 'j' };
    const event = {
      at: it.now,
      type: 'Warning' as const,
      reason: 'DeadlineExceeded',
      message: 'too slow',
      object: about,
      count: 1,
    };
    it.put({ type: 'event/seen', event });
    expect(it.of('web').runtime).toMatchObject({ status: 'failed', problem: { code: 'S351' } });
  });

  it('that is a hook and deleted because it failed has failed all the same', () => {
    const made = object('Job', 'web', { backoffLimit: 0 });
    const annotations = { 'helm.sh/hook': 'pre-install', 'helm.sh/hook-delete-policy': 'hook-failed' };
    const hook = { ...made, object: { ...made.object, metadata: { name: 'web', annotations } } };
    const failing = (objects: KubeSpec['objects']) => {
      const it = seen(deployed({ ...workload('Job'), ready: 'job', objects }), attempt(1, 'Failed'));
      it.put({ type: 'log/ended', pod: 'p1', container: attempt(1, 'Failed').containers[0]?.id ?? '' });
      expect(runtime(it)).toBe('failed: Error');
      return runtime(it.put({ type: 'pod/gone', uid: 'p1' }));
    };
    expect(failing([hook])).toBe('failed: Error');
    expect(failing([object('Job', 'web', { backoffLimit: 0 })])).toBe('pending: waiting for pods');
  });

  it('of several completions counts them', () => {
    const it = seen(job({ completions: 2 }), attempt(1, 'Succeeded'), attempt(2, 'Running'));
    expect(runtime(it)).toBe('pending: 1/2 done');
    seen(it, attempt(2, 'Succeeded'));
    expect(runtime(it)).toBe('done: Completed');
  });
});

it('what keeps a Deployment from having pods is told about its ReplicaSet, and belongs to it', () => {
  const it = deployed();
  const about = { kind: 'ReplicaSet', name: 'web-5d4f', namespace: 'default', uid: 'r' };
  const event = {
    at: it.now,
    type: 'Warning' as const,
    reason: 'FailedCreate',
    message: 'quota',
    object: about,
    count: 1,
  };
  it.put(
    { type: 'event/seen', event },
    { type: 'event/seen', event: { ...event, object: { ...about, name: 'web2-5d4f' } } },
  );
  expect(it.kube('web').events).toHaveLength(1);
});

it('a list that lacks a pod or a service is how they go after a lost connection', () => {
  const it = seen(deployed(), pod('web'));
  const service = { uid: 's', name: 'web', namespace: 'default', labels: {}, selector: {}, urls: [] };
  it.put({ type: 'service/seen', service });
  it.put(
    { type: 'pods/listed', namespace: 'other', uids: [] },
    { type: 'services/listed', namespace: 'other', uids: [] },
  );
  expect([Object.keys(it.state.pods), Object.keys(it.state.services)]).toEqual([['web-pod'], ['s']]);
  it.put(
    { type: 'pods/listed', namespace: 'default', uids: [] },
    { type: 'services/listed', namespace: 'default', uids: [] },
  );
  expect([it.state.pods, it.state.services]).toEqual([{}, {}]);
});
