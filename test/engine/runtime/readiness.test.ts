// What each kind of workload counts as, from what its controller's status says: the answers of `kubectl rollout status`.
import { describe, expect, it } from 'vitest';
import type { KubeSpec } from '../../../src/model/config.ts';
import { limits } from '../../../src/model/limits.ts';
import type { Pod } from '../../../src/model/pods/pod.ts';
import type { Workload } from '../../../src/model/pods/workload.ts';
import { readWorkload } from '../../../src/model/pods/workload-reading.ts';
import type { WatchedKind } from '../../../src/model/ports.ts';
import { config, container, deployedOf, kube, object, pod, pods, type World, world } from '../world.ts';

type Json = Readonly<Record<string, unknown>>;

const revision = { annotations: { 'deployment.kubernetes.io/revision': '2' } };

/** As the API sends it: generation 2, observed. */
function workload(kind: string, spec: Json, status: Json, metadata: Json = {}): Workload {
  const read = readWorkload({
    kind,
    metadata: {
      uid: 'w',
      name: 'web',
      namespace: 'default',
      generation: 2,
      labels: { 'sluice-resource': 'web', 'sluice-project': 'p' },
      ...(kind === 'Deployment' ? revision : {}),
      ...metadata,
    },
    spec,
    status: { observedGeneration: 2, ...status },
  });
  if (!read) throw new Error(`${kind} cannot be read`);
  return read;
}

/** A resource with one workload, deployed as generation 2. */
function deployed(kind: string, parts: Partial<KubeSpec> = {}): World {
  const own = { kind, name: 'web', namespace: null, replicas: 1 };
  const spec = kube('web', { images: [], workload: own, objects: [object(kind, 'web')], ...parts });
  const controller = { uid: 'w', name: 'web', namespace: 'default', generation: 2 };
  const templates = [{ ...pods('t1', kind, 1), controller }];
  return world(config([spec])).succeeds('web', { images: [], deployed: deployedOf(spec, { templates }) });
}

const seen = (it: World, ...workloads: readonly Workload[]): World =>
  it.put(...workloads.map((each) => ({ type: 'workload/seen' as const, workload: each })));
const withPods = (it: World, ...some: readonly Pod[]): World =>
  it.put(...some.map((each) => ({ type: 'pod/seen' as const, pod: each })));
const runtime = (it: World): string => `${it.of('web').runtime.status}: ${it.of('web').runtime.text}`;

const owned = (uid: string, parts: Parameters<typeof pod>[1] = {}): Pod =>
  pod('web', { uid, name: `web-${uid}`, owner: { kind: 'X', name: 'web', uid: 'w' }, ...parts });

const rolling = (partition = 0): Json => ({ type: 'RollingUpdate', rollingUpdate: { partition } });
const up = (count: number): Json => ({
  replicas: count,
  updatedReplicas: count,
  readyReplicas: count,
  availableReplicas: count,
});
const nodes = (desired: number, updated: number, available: number): Json => ({
  desiredNumberScheduled: desired,
  currentNumberScheduled: desired,
  updatedNumberScheduled: updated,
  numberReady: available,
  numberAvailable: available,
});
const condition = (type: string, status: string, reason: string, message = ''): Json => ({
  conditions: [{ type, status, reason, message }],
});

const quota =
  'pods "web-5d4f-x2k8l" is forbidden: exceeded quota: none, requested: pods=1, used: pods=0, limited: pods=0';

describe.each<[kind: string, story: string, spec: Json, status: Json, wanted: string]>([
  ['Deployment', 'all updated and available', { replicas: 2 }, up(2), 'ready: 2/2 ready'],
  [
    'Deployment',
    'not seen by its controller',
    {},
    { ...up(1), observedGeneration: 1 },
    'pending: waiting for the controller to see it',
  ],
  [
    'Deployment',
    'new pods yet to be made',
    { replicas: 3 },
    { ...up(3), updatedReplicas: 1 },
    'pending: 1 of 3 new pods have been made',
  ],
  [
    'Deployment',
    'an old pod yet to end',
    { replicas: 2 },
    { ...up(2), replicas: 3, availableReplicas: 3 },
    'pending: 1 old pod still to end',
  ],
  [
    'Deployment',
    'not available',
    { replicas: 2 },
    { ...up(2), readyReplicas: 1, availableReplicas: 1 },
    'pending: 1 of 2 updated pods are available',
  ],
  [
    'Deployment',
    'ready, not long enough',
    { replicas: 2, minReadySeconds: 15 },
    { ...up(2), availableReplicas: 0 },
    'pending: 0 of 2 updated pods are available (minReadySeconds: 15)',
  ],
  ['Deployment', 'scaled to nothing from outside', { replicas: 0 }, {}, 'ready: scaled to 0'],
  ['Deployment', 'scaled up from outside', { replicas: 3 }, up(3), 'ready: 3/3 ready'],
  [
    'Deployment',
    'paused before its first pod',
    { paused: true },
    {},
    'pending: paused: kubectl rollout resume -n default deployment/web',
  ],
  [
    'Deployment',
    'paused with old pods',
    { paused: true, replicas: 2 },
    { ...up(2), updatedReplicas: 0 },
    'pending: 0 of 2 new pods have been made: paused: kubectl rollout resume -n default deployment/web',
  ],
  ['Deployment', 'paused when all was done', { paused: true }, up(1), 'ready: ready'],
  [
    'Deployment',
    'refused by a quota',
    {},
    condition('ReplicaFailure', 'True', 'FailedCreate', quota),
    'pending: FailedCreate: forbidden: exceeded quota: none, requested: pods=1, used: pods=0, limited: pods=0',
  ],
  [
    'Deployment',
    'late',
    { replicas: 2 },
    {
      ...up(1),
      ...condition('Progressing', 'False', 'ProgressDeadlineExceeded', 'ReplicaSet "web-1" has timed out progressing.'),
    },
    'failed: ProgressDeadlineExceeded: ReplicaSet "web-1" has timed out progressing.',
  ],
  ['StatefulSet', 'all ready', { replicas: 2, updateStrategy: rolling() }, up(2), 'ready: 2/2 ready'],
  [
    'StatefulSet',
    'a status without a generation',
    {},
    { ...up(1), observedGeneration: 0 },
    'pending: waiting for the controller to see it',
  ],
  [
    'StatefulSet',
    'not all updated',
    { replicas: 2, updateStrategy: rolling() },
    { ...up(2), updatedReplicas: 1 },
    'pending: 1 of 2 new pods have been made',
  ],
  [
    'StatefulSet',
    'not all ready',
    { replicas: 2, updateStrategy: rolling() },
    { ...up(2), readyReplicas: 1, availableReplicas: 1 },
    'pending: 1 of 2 pods are ready',
  ],
  [
    'StatefulSet',
    'ready, not long enough',
    { replicas: 2, minReadySeconds: 9 },
    { ...up(2), availableReplicas: 1 },
    'pending: 1 of 2 pods are ready (minReadySeconds: 9)',
  ],
  [
    'StatefulSet',
    'partitioned',
    { replicas: 2, updateStrategy: rolling(1) },
    { ...up(2), updatedReplicas: 1 },
    'ready: 2/2 ready (partition 1: 1 updated)',
  ],
  [
    'StatefulSet',
    'a partition beyond its pods',
    { replicas: 2, updateStrategy: rolling(5) },
    { ...up(2), updatedReplicas: 0 },
    'ready: 2/2 ready (partition 5: 0 updated)',
  ],
  [
    'StatefulSet',
    'OnDelete, changed',
    { replicas: 1, updateStrategy: { type: 'OnDelete' } },
    { ...up(1), updatedReplicas: 0, updateRevision: 'r2' },
    'pending: OnDelete leaves it to you: kubectl delete pod -n default POD',
  ],
  ['StatefulSet', 'OnDelete, all deleted by hand', { updateStrategy: { type: 'OnDelete' } }, up(1), 'ready: ready'],
  ['StatefulSet', 'scaled to nothing', { replicas: 0 }, {}, 'ready: scaled to 0'],
  ['DaemonSet', 'all available', {}, nodes(2, 2, 2), 'ready: 2/2 ready'],
  ['DaemonSet', 'for no node', {}, nodes(0, 0, 0), 'ready: no node wants it'],
  [
    'DaemonSet',
    'not seen by its controller',
    {},
    { observedGeneration: 1 },
    'pending: waiting for the controller to see it',
  ],
  [
    'DaemonSet',
    'not all updated',
    { updateStrategy: rolling() },
    nodes(3, 1, 3),
    'pending: 1 of 3 new pods have been made',
  ],
  ['DaemonSet', 'not all available', {}, nodes(3, 3, 2), 'pending: 2 of 3 updated pods are available'],
  [
    'DaemonSet',
    'OnDelete, changed',
    { updateStrategy: { type: 'OnDelete' } },
    nodes(2, 1, 2),
    'pending: 1 of 2 pods are of the old revision: OnDelete leaves it to you: kubectl delete pod -n default POD',
  ],
  ['ReplicaSet', 'all available', { replicas: 2 }, up(2), 'ready: 2/2 ready'],
  [
    'ReplicaSet',
    'not all available',
    { replicas: 2 },
    { ...up(2), availableReplicas: 1 },
    'pending: 1 of 2 pods are available',
  ],
  [
    'ReplicaSet',
    'refused',
    { replicas: 2 },
    condition('ReplicaFailure', 'True', 'FailedCreate', 'serviceaccount "x" not found'),
    'pending: 0 of 2 pods are there: FailedCreate: serviceaccount "x" not found',
  ],
  ['ReplicationController', 'all available', { replicas: 2 }, up(2), 'ready: 2/2 ready'],
])('a %s, %s', (kind, _, spec, status, wanted) => {
  it(`is ${wanted}`, () => {
    expect(runtime(seen(deployed(kind), workload(kind, spec, status)))).toBe(wanted);
  });
});

describe.each<[story: string, spec: Json, status: Json, wanted: string]>([
  ['done', {}, condition('Complete', 'True', ''), 'done: Completed'],
  [
    'about to be done',
    {},
    { succeeded: 1, ...condition('SuccessCriteriaMet', 'True', '') },
    'pending: waiting for pods',
  ],
  ['given up', {}, condition('Failed', 'True', 'BackoffLimitExceeded', 'too often'), 'failed: BackoffLimitExceeded'],
  [
    'past its own deadline',
    {},
    condition('Failed', 'True', 'DeadlineExceeded', 'too slow'),
    'failed: DeadlineExceeded',
  ],
  [
    'suspended',
    { suspend: true },
    condition('Suspended', 'True', ''),
    `pending: suspended: kubectl patch job -n default web --type merge -p '{"spec":{"suspend":false}}'`,
  ],
])('a Job, %s', (_, spec, status, wanted) => {
  it(`is ${wanted}`, () => {
    expect(runtime(seen(deployed('Job', { ready: 'job' }), workload('Job', spec, status)))).toBe(wanted);
  });
});

describe('a Job that was seen done', () => {
  const complete = workload('Job', {}, condition('Complete', 'True', ''));
  const job = () => deployed('Job', { ready: 'job' });
  const takenAway: readonly [string, (it: World) => World][] = [
    ['by its TTL', (it) => seen(it, { ...complete, isGone: true })],
    ['so soon that only its end was seen', (it) => it],
    ['while the connection was lost', (it) => listed(it, 'jobs')],
  ];
  const listed = (it: World, kind: WatchedKind) =>
    it.put({ type: 'workloads/listed', kind, namespace: 'default', uids: [] });

  it.each(takenAway)('stays done when it is taken away %s', (story, take) => {
    const last = story.includes('only its end') ? { ...complete, isGone: true } : complete;
    const it = take(seen(job(), last));
    expect(runtime(it)).toBe('done: Completed');
    it.put({ type: 'pods/listed', namespace: 'default', uids: [] });
    expect([runtime(it), it.state.isIdle, it.of('web').wasReady]).toEqual(['done: Completed', true, true]);
  });

  it('before its deploy had ended stays done, too', () => {
    const spec = kube('web', {
      images: [],
      ready: 'job',
      workload: { kind: 'Job', name: 'web', namespace: null, replicas: 1 },
    });
    const controller = { uid: 'w', name: 'web', namespace: 'default', generation: 1 };
    const it = seen(world(config([spec])), complete, { ...complete, isGone: true });
    it.succeeds('web', {
      images: [],
      deployed: deployedOf(spec, { templates: [{ ...pods('t1', 'Job', 1), controller }] }),
    });
    expect(runtime(it)).toBe('done: Completed');
  });

  it('is not done when it is deployed anew', () => {
    const it = seen(job(), complete);
    it.put({ type: 'user/asked', by: 'tui', action: { do: 'trigger', resource: 'web', force: true } });
    const controller = { uid: 'w2', name: 'web', namespace: 'default', generation: 1 };
    it.succeeds('web', {
      images: [],
      deployed: {
        ...it.deploy('web').result!,
        alreadyDone: false,
        templates: [{ ...pods('t1', 'Job', 1), controller }],
      },
    });
    expect(it.of('web').runtime.status).toBe('pending');
  });

  it('and one that is taken away before its end is not', () => {
    const it = seen(job(), { ...workload('Job', {}, { active: 1 }), isGone: true });
    expect(runtime(it)).toBe('pending: job web was taken away before it was done: a trigger runs it again');
    expect(it.state.isIdle).toBe(true);
  });
});

describe('pods that are not made or not placed', () => {
  const event = (kind: string, reason: string, message: string, at: number) => ({
    type: 'event/seen' as const,
    event: {
      at,
      type: 'Warning' as const,
      reason,
      message,
      count: 1,
      object: { kind, name: 'web', namespace: 'default', uid: 'w' },
    },
  });

  it.each(['StatefulSet', 'DaemonSet', 'Job'])(
    'of a %s, which has no condition for it, are explained by its events',
    (kind) => {
      const it = deployed(kind, kind === 'Job' ? { ready: 'job' } : {});
      seen(it, workload(kind, {}, kind === 'DaemonSet' ? { ...nodes(1, 0, 0), currentNumberScheduled: 0 } : {}));
      it.put(event(kind, 'FailedCreate', `Error creating: ${quota}`, it.now));
      expect(runtime(it)).toBe(
        'pending: FailedCreate: forbidden: exceeded quota: none, requested: pods=1, used: pods=0, limited: pods=0',
      );
      it.put(event(kind, 'SuccessfulCreate', 'Created pod: web-0', it.now + 1));
      expect(runtime(it)).not.toContain('FailedCreate');
    },
  );

  const nowhere = {
    ready: false,
    status: 'Pending',
    phase: 'Pending',
    node: null,
    message:
      '0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: 0/1 nodes are available: 1 No victims.',
  };

  it.each([
    ['Deployment', { replicas: 1, updatedReplicas: 1 }],
    ['StatefulSet', { replicas: 1, updatedReplicas: 1 }],
    ['DaemonSet', nodes(1, 1, 0)],
    ['ReplicaSet', { replicas: 1 }],
    ['Job', { active: 1 }],
  ])('a %s waits in the words of the scheduler, until it fits', (kind, status) => {
    const it = withPods(
      seen(deployed(kind, kind === 'Job' ? { ready: 'job' } : {}), workload(kind, {}, status)),
      owned('a', nowhere),
    );
    expect(runtime(it)).toBe('pending: Pending: 0/1 nodes are available: 1 Insufficient cpu');
    expect(it.state.isIdle).toBe(true);
    withPods(it, owned('a', { ready: false, status: 'ContainerCreating', phase: 'Pending' }));
    expect(runtime(it)).toBe('pending: ContainerCreating');
    expect(it.state.isIdle).toBe(false);
  });

  it.each(['Deployment', 'StatefulSet', 'ReplicaSet'])(
    'a %s whose pod no node can start waits in the words of its last event, and for somebody once it was tried often',
    (kind) => {
      const starting = { ready: false, status: 'ContainerCreating', phase: 'Pending' };
      const waiting = [container('web', { state: 'waiting', id: null, ready: false })];
      const it = withPods(
        seen(deployed(kind), workload(kind, {}, { replicas: 1, updatedReplicas: 1 })),
        owned('a', { ...starting, containers: waiting }),
      );
      const told = (reason: string, message: string, count: number) =>
        it.put({
          type: 'event/seen',
          event: {
            ...event('Pod', reason, message, it.now).event,
            count,
            object: { kind: 'Pod', name: 'web-a', namespace: 'default', uid: 'a' },
          },
        });
      told('FailedMount', 'configmap "x" not found', 1);
      expect([runtime(it), it.state.isIdle]).toEqual(['pending: ContainerCreating: configmap "x" not found', false]);
      told('FailedMount', 'configmap "x" not found', limits.refusals);
      expect(it.state.isIdle).toBe(true);
      told('Pulling', 'Pulling image', 1);
      expect([runtime(it), it.state.isIdle]).toEqual(['pending: ContainerCreating', false]);
    },
  );

  it('a refusal is for somebody to see to once it was tried often, save where a webhook may be starting', () => {
    for (const [message, isStuck] of [
      [quota, true],
      ['failed calling webhook "x"', false],
    ] as const) {
      const it = seen(deployed('StatefulSet'), workload('StatefulSet', {}, {}));
      it.put(event('StatefulSet', 'FailedCreate', message, it.now));
      expect(it.state.isIdle).toBe(false);
      const { event: last } = event('StatefulSet', 'FailedCreate', message, it.now);
      it.put({ type: 'event/seen', event: { ...last, count: limits.refusals } });
      expect(it.state.isIdle, message).toBe(isStuck);
    }
  });
});

describe('what is not of this deploy', () => {
  const replicaSet = (uid: string, number: string): Workload =>
    workload('ReplicaSet', {}, up(1), {
      uid,
      name: uid,
      annotations: { 'deployment.kubernetes.io/revision': number },
      ownerReferences: [{ kind: 'Deployment', name: 'web', uid: 'w', controller: true }],
    });
  const of = (uid: string, set: string, parts: Parameters<typeof pod>[1] = {}): Pod =>
    owned(uid, { owner: { kind: 'ReplicaSet', name: set, uid: set }, ...parts });
  const bad = {
    ready: false,
    status: 'CrashLoopBackOff',
    containers: [container('web', { state: 'waiting', reason: 'CrashLoopBackOff' })],
  };

  it('a status from before the deploy says nothing', () => {
    const it = seen(deployed('Deployment'), workload('Deployment', {}, up(1), { generation: 1 }));
    expect(runtime(it)).toBe('pending: waiting for the controller to see it');
  });

  it('pods that somebody patched are not ours, though they bear our label', () => {
    const it = seen(deployed('Deployment'), replicaSet('byhand', '1'), replicaSet('ours', '2'));
    seen(it, workload('Deployment', {}, { ...up(1), replicas: 2, availableReplicas: 1 }));
    withPods(it, of('h', 'byhand', bad), of('o', 'ours', { ready: false, status: 'Pending' }));
    expect(runtime(it)).toBe('pending: Pending');
  });

  it('an old pod that crashes is no failure, a new one is', () => {
    const it = seen(deployed('Deployment'), replicaSet('old', '1'), replicaSet('new', '2'));
    seen(it, workload('Deployment', { replicas: 2 }, { ...up(1), replicas: 2 }));
    withPods(it, of('a', 'old', bad));
    expect(it.of('web').runtime.status).toBe('pending');
    withPods(it, of('b', 'new', bad));
    expect(runtime(it)).toBe('failed: CrashLoopBackOff');
  });

  it('an old pod that a Service still sends to holds it back, until it is out of it', () => {
    const it = seen(deployed('Deployment'), replicaSet('old', '1'), replicaSet('new', '2'));
    withPods(it, of('a', 'old', { deleting: true }), of('b', 'new'));
    const slice = (...uids: readonly string[]) =>
      it.put({ type: 'endpoints/seen', endpoints: { uid: 's', namespace: 'default', pods: uids } });
    slice('a', 'b');
    seen(it, workload('Deployment', {}, up(1)));
    expect(runtime(it)).toBe('pending: 1 old pod still in a Service');
    slice('b');
    expect(runtime(it)).toBe('ready: Running');
  });

  it('a workload that somebody deleted is waited for with a word on it', () => {
    const it = seen(deployed('Deployment'), { ...workload('Deployment', {}, up(1)), isGone: true });
    expect(runtime(it)).toBe('pending: deployment web was deleted by somebody: a trigger deploys it again');
    expect(
      runtime(seen(it, workload('Deployment', {}, { ...up(1), observedGeneration: 1 }, { uid: 'w2', generation: 1 }))),
    ).toBe('ready: ready');
  });
});

it('a workload that somebody put back to an older template is not what was deployed', () => {
  const template = { metadata: { labels: { 'sluice-template': 't0' } } };
  const it = seen(deployed('Deployment'), workload('Deployment', { template }, up(1)));
  expect(runtime(it)).toMatch(/^pending: deployment web was changed by somebody/);
  expect(it.state.isIdle).toBe(true);
});

it('pods are found by their template where ReplicaSets may not be watched', () => {
  const it = seen(deployed('Deployment'), workload('Deployment', {}, { replicas: 1, updatedReplicas: 1 }));
  const owner = { kind: 'ReplicaSet', name: 'web-1', uid: 'unknown' };
  withPods(it, owned('a', { owner, ready: false, status: 'ContainerCreating', phase: 'Pending' }));
  expect(runtime(it)).toBe('pending: ContainerCreating');
});

it('a workload that may not be watched is told by its pods', () => {
  const it = withPods(deployed('Deployment'), pod('web'));
  expect(runtime(it)).toBe('pending: waiting for the controller to see it');
  const problem = { kind: 'denied' as const, code: 'S310', what: 'not allowed to list deployments' };
  it.put({ type: 'feed/failed', feed: 'deployments/default', problem, retryAt: null });
  expect(runtime(it)).toBe('ready: Running');
});

describe('a status that is older than what is known of the pods', () => {
  it.each<[story: string, known: readonly Pod[], wanted: string]>([
    ['of a pod that was deleted', [owned('a', { deleting: true })], 'pending: 0 of 1 pods are ready'],
    [
      'of one deleted whose successor is not ready yet',
      [owned('a', { deleting: true }), owned('b', { ready: false })],
      'pending: 0 of 1 pods are ready',
    ],
    ['of a successor that is ready', [owned('a', { deleting: true }), owned('b')], 'ready: Running'],
    ['of no pods at all', [], 'ready: ready'],
  ])('%s does not say ready in their place', (_, known, wanted) => {
    const it = seen(deployed('Deployment'), workload('Deployment', { replicas: 1 }, up(1)));
    expect(runtime(withPods(it, ...known))).toBe(wanted);
  });
});
