// Fixed states of an imaginary shop: what golden frames are drawn from and the fixture program shows.
import type { PublicResource, PublicRun, PublicState } from '../../../src/model/public-state.ts';

/** 2026-05-04 10:00:00 UTC. */
export const noon = Date.UTC(2026, 4, 4, 10, 0, 0);

export function resource(name: string, change: Partial<PublicResource> = {}): PublicResource {
  return {
    name,
    kind: 'kubernetes',
    labels: [],
    enabled: true,
    trigger: 'auto',
    update: { status: 'ok', why: [], strategy: 'image', startedAt: noon - 400_000, endedAt: noon - 390_000 },
    runtime: { status: 'ready', text: 'Running', restarts: 0, pods: [], since: noon - 380_000 },
    pending: [],
    changes: { seen: 3, live: 3 },
    endpoints: [],
    logs: { lines: 100, bytes: 4_000 },
    needs: [],
    history: [],
    events: [],
    forwards: [],
    at: { file: '/home/ada/shop/sluice.yaml', line: 12, column: 3 },
    ...change,
  };
}

const pod = (name: string, status: string, ready: boolean, restarts = 0) => ({
  name,
  status,
  ready,
  restarts,
  createdAt: noon - 380_000,
  containers: [{ name: 'main', ready, state: ready ? 'running' : 'waiting', restarts }],
});

const run = (id: string, change: Partial<PublicRun>): PublicRun => ({
  run: id,
  cause: 'files',
  why: ['web/src/cart.ts changed'],
  strategy: 'synclet',
  files: ['/home/ada/shop/web/src/cart.ts'],
  startedAt: noon - 60_000,
  endedAt: noon - 58_800,
  outcome: 'ok',
  steps: [
    { step: 'sync 1 file', ms: 400 },
    { step: 'restart process', ms: 800 },
  ],
  ...change,
});

const web = resource('web', {
  labels: ['frontend'],
  update: {
    status: 'running',
    run: 'web#7',
    strategy: 'image',
    step: 'build 5/9 RUN npm ci',
    why: ['full build: web/package-lock.json matches fallback at sluice.yaml:9'],
    startedAt: noon - 8_000,
    estimate: 12_000,
  },
  runtime: {
    status: 'ready',
    text: 'Running',
    restarts: 1,
    since: noon - 380_000,
    pods: [pod('web-6c9f7d8b54-2xkqp', 'Running', true), pod('web-6c9f7d8b54-8zzt4', 'Running', true, 1)],
  },
  changes: { seen: 7, live: 5 },
  pending: ['/home/ada/shop/web/package-lock.json', '/home/ada/shop/web/src/cart.ts'],
  endpoints: ['http://localhost:8080/', 'http://localhost:9229/'],
  needs: [
    { name: 'codegen', update: 'wait-fresh' },
    { name: 'db', update: 'order' },
  ],
  forwards: [
    { local: '127.0.0.1:8080', to: 'web:3000', status: 'listening' },
    { local: '127.0.0.1:9229', to: 'web:9229', status: 'waiting' },
  ],
  history: [
    run('web#7', {
      strategy: 'image',
      startedAt: noon - 8_000,
      endedAt: null,
      outcome: null,
      why: ['full build: web/package-lock.json matches fallback at sluice.yaml:9'],
      steps: [{ step: 'build', ms: null }],
    }),
    run('web#6', {}),
    run('web#5', {
      startedAt: noon - 200_000,
      endedAt: noon - 188_000,
      strategy: 'image',
      outcome: 'failed',
      why: ['web/Dockerfile changed'],
      steps: [{ step: 'build', ms: 12_000 }],
    }),
  ],
  events: [
    {
      at: noon - 120_000,
      type: 'Warning',
      reason: 'Unhealthy',
      message: 'Readiness probe failed: connection refused',
      object: { kind: 'Pod', name: 'web-6c9f7d8b54-8zzt4', namespace: 'dev', uid: 'u1' },
      count: 3,
    },
    {
      at: noon - 380_000,
      type: 'Normal',
      reason: 'Started',
      message: 'Started container main',
      object: { kind: 'Pod', name: 'web-6c9f7d8b54-2xkqp', namespace: 'dev', uid: 'u2' },
      count: 1,
    },
  ],
});

const api = resource('api', {
  labels: ['backend'],
  update: {
    status: 'failed',
    strategy: 'image',
    why: ['api/main.go changed'],
    startedAt: noon - 90_000,
    endedAt: noon - 83_000,
    problem: {
      kind: 'yours',
      code: 'S201',
      what: 'api/main.go:41:9: undefined: handlr',
      hint: 'mend the file: saving it builds again',
      at: { file: '/home/ada/shop/api/main.go', line: 41, column: 9 },
      logTail: ['#9 [4/5] RUN go build ./...', '#9 0.812 ./main.go:41:9: undefined: handlr'],
    },
  },
  changes: { seen: 6, live: 4 },
  runtime: {
    status: 'ready',
    text: 'Running',
    restarts: 0,
    since: noon - 7_200_000,
    pods: [pod('api-7d4b9c6f5-q8m2x', 'Running', true)],
  },
  endpoints: ['http://localhost:9000/'],
});

/** A morning's work: one of each standing. */
export const shop: PublicState = {
  phase: 'up',
  idle: false,
  changes: { seen: 7, live: 4 },
  config: { ok: true, problems: [] },
  docker: { ok: true, status: 'ok' },
  cluster: { ok: true, status: 'ok', context: 'kind-dev', namespace: 'shop' },
  feeds: {},
  git: { held: false, because: '' },
  order: ['codegen', 'db', 'web', 'admin', 'api', 'worker', 'mail', 'docs'],
  resources: {
    codegen: resource('codegen', {
      kind: 'local',
      update: { status: 'ok', strategy: 'local', why: [], startedAt: noon - 500_000, endedAt: noon - 499_200 },
      runtime: { status: 'done', text: 'Completed', restarts: 0, pods: [] },
    }),
    db: resource('db', {
      runtime: {
        status: 'ready',
        text: 'Running',
        restarts: 0,
        since: noon - 90_000_000,
        pods: [pod('db-0', 'Running', true)],
      },
      forwards: [{ local: '127.0.0.1:5432', to: 'db:5432', status: 'listening' }],
    }),
    web,
    admin: resource('admin', {
      labels: ['frontend'],
      update: { status: 'held', why: [], hold: { reason: 'needs', on: ['codegen'] } },
      changes: { seen: 7, live: 6 },
      endpoints: ['http://localhost:8090/'],
    }),
    api,
    worker: resource('worker', {
      labels: ['backend'],
      runtime: {
        status: 'failed',
        text: 'CrashLoopBackOff',
        restarts: 4,
        pods: [pod('worker-5b8c7d9f4-k2j9d', 'CrashLoopBackOff', false, 4)],
        problem: {
          kind: 'step',
          code: 'S301',
          what: 'container main exits with 1 again and again',
          hint: 'see its last lines below',
        },
      },
    }),
    mail: resource('mail', {
      labels: ['backend'],
      kind: 'compose',
      enabled: false,
      update: { status: 'none', why: [] },
      runtime: { status: 'none', text: '', restarts: 0, pods: [] },
      changes: { seen: 0, live: 0 },
    }),
    docs: resource('docs', {
      kind: 'local',
      trigger: 'manual',
      update: { status: 'pending', why: [] },
      pending: ['/home/ada/shop/docs/index.md'],
      runtime: { status: 'ready', text: 'serving', restarts: 0, pods: [], pid: 4242, since: noon - 600_000 },
      changes: { seen: 7, live: 6 },
      endpoints: ['http://127.0.0.1:3000'],
    }),
  },
};

/** Many resources in ten groups, a few of each standing. */
export function crowd(count: number): PublicState {
  const names = Array.from({ length: count }, (_, i) => `service-${String(i).padStart(3, '0')}`);
  const resources = Object.fromEntries(
    names.map((name, i) => {
      const model = [
        shop.resources.db!,
        shop.resources.db!,
        shop.resources.web!,
        shop.resources.db!,
        shop.resources.api!,
      ][i % 5]!;
      return [name, { ...model, name, labels: [`team-${i % 10}`], needs: [] }];
    }),
  );
  return { ...shop, order: names, resources };
}
