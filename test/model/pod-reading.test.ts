import { describe, expect, it } from 'vitest';
import { readEvent, readPod, readService } from '../../src/model/pods/pod-reading.ts';

const pod = (status: object, spec: object = {}, metadata: object = {}) => ({
  metadata: { uid: 'u', name: 'p', namespace: 'n', ...metadata },
  spec: { containers: [{ name: 'a' }, { name: 'b' }], ...spec },
  status,
});
const waiting = (reason: string, message?: string, rest: object = {}) => ({
  state: { waiting: { reason, message } },
  ...rest,
});
const ended = (exitCode: number, rest: object = {}) => ({ state: { terminated: { exitCode, ...rest } } });
const up = (rest: object = {}) => ({ ready: true, state: { running: { startedAt: '2026-01-01T00:00:00Z' } }, ...rest });
const inits = { initContainers: [{ name: 'i' }, { name: 'j' }] };
const sidecar = { initContainers: [{ name: 'i', restartPolicy: 'Always' }] };
const isReady = [{ type: 'Ready', status: 'True' }];
const going = { deletionTimestamp: '2026-01-01T00:00:00Z' };

describe("kubectl's STATUS", () => {
  it.each<[string, object]>([
    ['Pending', pod({ phase: 'Pending' })],
    [
      'SchedulingGated',
      pod({ phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }] }),
    ],
    ['Evicted', pod({ phase: 'Failed', reason: 'Evicted' })],
    [
      'Init:0/2',
      pod({ phase: 'Pending', initContainerStatuses: [{ name: 'i', ...waiting('PodInitializing') }] }, inits),
    ],
    ['Init:0/2', pod({ phase: 'Pending', initContainerStatuses: [{ name: 'i', ...up() }] }, inits)],
    [
      'Init:1/2',
      pod(
        {
          initContainerStatuses: [
            { name: 'i', ...ended(0) },
            { name: 'j', ...waiting('PodInitializing') },
          ],
        },
        inits,
      ),
    ],
    ['Init:CrashLoopBackOff', pod({ initContainerStatuses: [{ name: 'i', ...waiting('CrashLoopBackOff') }] }, inits)],
    ['Init:Error', pod({ initContainerStatuses: [{ name: 'i', ...ended(1, { reason: 'Error' }) }] }, inits)],
    ['Init:ExitCode:2', pod({ initContainerStatuses: [{ name: 'i', ...ended(2) }] }, inits)],
    ['Init:Signal:9', pod({ initContainerStatuses: [{ name: 'i', ...ended(137, { signal: 9 }) }] }, inits)],
    [
      'PodInitializing',
      pod(
        { initContainerStatuses: [{ name: 'i', ...ended(0) }], containerStatuses: [waiting('PodInitializing')] },
        inits,
      ),
    ],
    ['ContainerCreating', pod({ phase: 'Pending', containerStatuses: [waiting('ContainerCreating')] })],
    ['ImagePullBackOff', pod({ phase: 'Pending', containerStatuses: [waiting('ImagePullBackOff'), up()] })],
    ['CrashLoopBackOff', pod({ phase: 'Running', containerStatuses: [waiting('CrashLoopBackOff'), up()] })],
    ['Running', pod({ phase: 'Running', containerStatuses: [up(), up()], conditions: isReady })],
    ['Running', pod({ phase: 'Running', containerStatuses: [up({ ready: false })] })],
    [
      'Running',
      pod(
        { phase: 'Running', initContainerStatuses: [{ name: 'i', started: true, ...up() }], containerStatuses: [up()] },
        sidecar,
      ),
    ],
    ['Init:0/1', pod({ phase: 'Pending', initContainerStatuses: [{ name: 'i', started: false, ...up() }] }, sidecar)],
    ['Completed', pod({ phase: 'Succeeded', containerStatuses: [ended(0, { reason: 'Completed' })] })],
    ['Error', pod({ phase: 'Failed', containerStatuses: [ended(3, { reason: 'Error' })] })],
    ['OOMKilled', pod({ phase: 'Running', containerStatuses: [ended(137, { reason: 'OOMKilled' })] })],
    ['ExitCode:3', pod({ phase: 'Failed', containerStatuses: [ended(3)] })],
    ['Signal:9', pod({ phase: 'Failed', containerStatuses: [ended(137, { signal: 9 })] })],
    [
      'Running',
      pod({ phase: 'Running', containerStatuses: [ended(0, { reason: 'Completed' }), up()], conditions: isReady }),
    ],
    ['NotReady', pod({ phase: 'Running', containerStatuses: [ended(0, { reason: 'Completed' }), up()] })],
    ['Terminating', pod({ phase: 'Running', containerStatuses: [up()] }, {}, going)],
    ['Completed', pod({ phase: 'Succeeded', containerStatuses: [ended(0, { reason: 'Completed' })] }, {}, going)],
    ['Unknown', pod({ phase: 'Running', reason: 'NodeLost', containerStatuses: [up()] }, {}, going)],
    ['Unknown', pod({})],
  ])('%s (%#)', (status, object) => {
    expect(readPod(object)?.status).toBe(status);
  });

  it('counts the restarts of main containers, and of sidecars, but not of finished init containers', () => {
    const containerStatuses = [up({ restartCount: 2 }), up({ restartCount: 3 })];
    const initContainerStatuses = [{ name: 'i', ...ended(0), restartCount: 7 }];
    expect(readPod(pod({ initContainerStatuses, containerStatuses }, inits))?.restarts).toBe(5);
    const sidecars = [{ name: 'i', started: true, ...up({ restartCount: 7 }) }];
    expect(readPod(pod({ initContainerStatuses: sidecars, containerStatuses }, sidecar))?.restarts).toBe(12);
    const early = [{ name: 'i', ...waiting('CrashLoopBackOff'), restartCount: 4 }];
    expect(readPod(pod({ initContainerStatuses: early, containerStatuses }, inits))?.restarts).toBe(4);
  });

  it('comes with what the cluster said about it', () => {
    const pulling = pod({ containerStatuses: [waiting('ErrImagePull', 'no such image\u001b[31m')] });
    expect(readPod(pulling)?.message).toBe('no such image[31m');
    const conditions = [{ type: 'PodScheduled', status: 'False', message: '0/1 nodes are available' }];
    expect(readPod(pod({ phase: 'Pending', conditions }))?.message).toBe('0/1 nodes are available');
    expect(readPod(pod({ phase: 'Running', containerStatuses: [up()] }))?.message).toBeNull();
    const died = { lastState: { terminated: { exitCode: 128, message: 'no such file' } } };
    const backingOff = waiting('CrashLoopBackOff', 'back-off 20s', died);
    expect(readPod(pod({ containerStatuses: [backingOff] }))?.message).toBe('no such file');
    expect(readPod(pod({ initContainerStatuses: [{ name: 'i', ...backingOff }] }, inits))?.message).toBe(
      'no such file',
    );
    const evicted = { phase: 'Failed', reason: 'Evicted', message: 'low on memory', containerStatuses: [ended(137)] };
    expect(readPod(pod(evicted))?.message).toBe('Evicted: low on memory');
  });
});

it('a pod is read with its containers, its owner and the crash before', () => {
  const terminated = {
    exitCode: 1,
    reason: 'Error',
    containerID: 'containerd://old',
    finishedAt: '2026-01-01T00:00:01Z',
  };
  const read = readPod({
    metadata: {
      uid: 'u',
      name: 'web-1',
      namespace: 'n',
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels: { app: 'web' },
      ownerReferences: [
        { kind: 'X', name: 'x', uid: '1' },
        { kind: 'ReplicaSet', name: 'web', uid: '2', controller: true },
      ],
    },
    spec: {
      nodeName: 'node',
      containers: [
        {
          name: 'web',
          image: 'shop/web:1',
          ports: [{ containerPort: 80 }, {}],
          securityContext: { readOnlyRootFilesystem: true },
        },
      ],
    },
    status: {
      phase: 'Running',
      podIP: '10.0.0.1',
      conditions: isReady,
      containerStatuses: [
        {
          name: 'web',
          containerID: 'containerd://new',
          image: 'sha256:abc',
          imageID: 'shop/web@sha256:abc',
          restartCount: 1,
          ...up(),
          lastState: { terminated },
        },
      ],
    },
  });
  expect(read).toEqual({
    uid: 'u',
    name: 'web-1',
    namespace: 'n',
    createdAt: Date.parse('2026-01-01T00:00:00Z'),
    deleting: false,
    phase: 'Running',
    status: 'Running',
    message: null,
    ready: true,
    restarts: 1,
    node: 'node',
    ip: '10.0.0.1',
    owner: { kind: 'ReplicaSet', name: 'web', uid: '2' },
    labels: { app: 'web' },
    containers: [
      {
        name: 'web',
        type: 'main',
        lasting: true,
        id: 'containerd://new',
        image: 'shop/web:1',
        imageId: 'shop/web@sha256:abc',
        ready: true,
        state: 'running',
        reason: null,
        exitCode: null,
        startedAt: Date.parse('2026-01-01T00:00:00Z'),
        restarts: 1,
        last: { exitCode: 1, reason: 'Error', id: 'containerd://old', finishedAt: Date.parse('2026-01-01T00:00:01Z') },
        ports: [80],
        readOnlyRoot: true,
        probe: null,
      },
    ],
  });
});

it('a service gives the URLs of its load balancers and node ports', () => {
  const service = (spec: object, ingress: object[] = []) =>
    readService({
      metadata: { uid: 'u', name: 's', namespace: 'n' },
      spec: { selector: { app: 'web' }, ...spec },
      status: { loadBalancer: { ingress } },
    });
  const ports = [
    { port: 80, nodePort: 30080 },
    { port: 8443, nodePort: 30443, name: 'https' },
    { port: 53, nodePort: 30053, protocol: 'UDP' },
  ];
  expect(service({ type: 'NodePort', ports })?.urls).toEqual(['http://localhost:30080/', 'https://localhost:30443/']);
  expect(service({ type: 'LoadBalancer', ports }, [{ ip: '10.0.0.1' }])?.urls).toEqual([
    'http://10.0.0.1/',
    'https://10.0.0.1:8443/',
  ]);
  expect(
    service({ type: 'LoadBalancer', ports: [{ port: 443 }] }, [{ hostname: 'lb.example.com' }, { ip: 'fd00::1' }])
      ?.urls,
  ).toEqual(['https://lb.example.com/', 'https://[fd00::1]/']);
  expect(service({ type: 'LoadBalancer', ports }, [{ hostname: 'evil/ @x' }])?.urls).toEqual([]);
  expect(service({ type: 'ClusterIP', ports })).toMatchObject({ urls: [], selector: { app: 'web' } });
});

it('an event is read in its old and its new form', () => {
  const involvedObject = { kind: 'Pod', name: 'p', namespace: 'n', uid: 'u' };
  const old = {
    reason: 'BackOff',
    message: 'restarting',
    type: 'Warning',
    count: 4,
    lastTimestamp: '2026-01-01T00:00:00Z',
    involvedObject,
  };
  const at = Date.parse('2026-01-01T00:00:00Z');
  expect(readEvent(old)).toEqual({
    at,
    type: 'Warning',
    reason: 'BackOff',
    message: 'restarting',
    object: involvedObject,
    count: 4,
  });
  const series = { count: 9, lastObservedTime: '2026-01-01T00:00:05Z' };
  const fresh = { reason: 'Pulled', type: 'Normal', eventTime: '2026-01-01T00:00:00Z', series, involvedObject };
  expect(readEvent(fresh)).toMatchObject({ at: at + 5_000, type: 'Normal', count: 9 });
});

it('nothing that comes in makes the readers throw', () => {
  const wrong: unknown[] = [undefined, null, 0, 'x', [], {}, { metadata: null }, { metadata: { uid: 1, name: {} } }];
  const odd = (value: unknown) => ({
    metadata: {
      uid: 'u',
      name: 'n',
      labels: value,
      ownerReferences: value,
      deletionTimestamp: value,
      creationTimestamp: value,
    },
    spec: { containers: value, initContainers: [value], ports: value, selector: value, type: 'NodePort' },
    status: {
      conditions: value,
      containerStatuses: [value, { state: value, lastState: value }],
      initContainerStatuses: value,
      loadBalancer: value,
    },
    involvedObject: value,
    reason: 'x',
  });
  for (const one of wrong) {
    expect([readPod(one), readService(one), readEvent(one)]).toEqual([null, null, null]);
    for (const read of [readPod, readService, readEvent]) expect(() => read(odd(one))).not.toThrow();
  }
  const proto = JSON.parse('{"metadata": {"uid": "u", "name": "n", "labels": {"__proto__": "x", "a": "b"}}}');
  expect(readPod(proto)?.labels.a).toBe('b');
  expect(({} as { x?: unknown }).x).toBeUndefined();
});

describe('a readiness probe', () => {
  const questionOf = (readinessProbe: object) =>
    readPod({
      metadata: { uid: 'u', name: 'web', namespace: 'n' },
      spec: { containers: [{ name: 'web', ports: [{ name: 'web', containerPort: 80 }], readinessProbe }] },
      status: { phase: 'Running' },
    })?.containers[0]?.probe?.question;

  it.each<readonly [object, unknown]>([
    [{ tcpSocket: { port: 8080 } }, { is: 'tcp', port: 8080 }],
    [{ tcpSocket: { port: 'web' } }, { is: 'tcp', port: 80 }],
    [{ exec: { command: ['cat', '/x'] } }, { is: 'exec', cmd: ['cat', '/x'] }],
    [{ httpGet: { port: 80 } }, { is: 'http', scheme: 'http', port: 80, path: '/' }],
    [
      { httpGet: { port: 'web', path: 'up?a=%20', scheme: 'HTTPS' } },
      { is: 'http', scheme: 'https', port: 80, path: '/up?a=%20' },
    ],
    // Of a kubelet alone, or of somebody who wants to leave the pod's own paths.
    [{ grpc: { port: 80 } }, null],
    [{ tcpSocket: { port: 'none' } }, null],
    [{ tcpSocket: { port: 80, host: 'example.com' } }, null],
    [{ httpGet: { port: 80, httpHeaders: [{ name: 'Host', value: 'x' }] } }, null],
    [{ httpGet: { port: 80, path: '/../../secrets' } }, null],
    [{ httpGet: { port: 80, path: '/%2E%2e/x' } }, null],
    [{ httpGet: { port: 80, path: '/a b\n' } }, null],
    [{ httpGet: { port: 80, path: '/a#b' } }, null],
    [{ exec: { command: [] } }, null],
  ])('%j is asked as %j', (probe, question) => {
    expect(questionOf(probe)).toEqual(question);
  });
});
