// Objects grouped, injected, ordered: tables over every kind that carries pods.
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../src/model/config.ts';
import { isCopy, originOf } from '../../../src/model/manifests/origin.ts';
import { workloadOf } from '../../../src/model/manifests/replicas.ts';
import {
  group,
  imageName,
  imageOf,
  imagesIn,
  inject,
  kindOrder,
  objectKey,
  objectRef,
  podTemplate,
  readyDefault,
  secretsOf,
  stableJson,
} from '../../../src/model/manifests.ts';
import { markOf, type Project, projectOf } from '../../../src/model/project.ts';

const object = (kind: string, name: string, rest: object = {}, metadata: object = {}): KubeObject => {
  const groups: Record<string, string> = {
    Deployment: 'apps/v1',
    StatefulSet: 'apps/v1',
    DaemonSet: 'apps/v1',
    ReplicaSet: 'apps/v1',
    Job: 'batch/v1',
    CronJob: 'batch/v1',
  };
  return { apiVersion: groups[kind] ?? 'v1', kind, metadata: { name, ...metadata }, ...rest };
};
const pod = (image: string, labels: object = {}, spec: object = {}) => ({
  metadata: { labels },
  spec: { containers: [{ name: 'c', image }], ...spec },
});
const workload = (
  kind: string,
  name: string,
  template: object = pod('app', { app: name }),
  metadata: object = {},
): KubeObject =>
  object(kind, name, { spec: kind === 'CronJob' ? { jobTemplate: { spec: { template } } } : { template } }, metadata);

const at = { file: 'a.yaml', line: 1, column: 1 };
const grouping = (objects: readonly KubeObject[], claims: Record<string, string[]> = {}) => {
  const { groups, missing } = group(
    objects.map((each) => ({ object: each, at })),
    Object.entries(claims).map(([resource, names]) => ({ resource, objects: names })),
    null,
  );
  return {
    missing,
    groups: Object.fromEntries(
      groups.map(({ name, objects }) => [
        name,
        objects.map((each) => `${each.object.kind}/${each.object.metadata.name}`),
      ]),
    ),
  };
};

describe('grouping', () => {
  it('makes a resource of every kind that runs pods, custom kinds too', () => {
    const kinds = ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job', 'CronJob', 'Rollout'];
    const single = object('Pod', 'pod', { spec: { containers: [{ name: 'c', image: 'app' }] } });
    const { groups } = grouping([
      ...kinds.map((kind) => workload(kind, kind.toLowerCase())),
      single,
      object('ConfigMap', 'x', { spec: { template: { spec: {} } } }),
    ]);
    expect(Object.keys(groups)).toEqual(['uncategorized', ...kinds.map((kind) => kind.toLowerCase()), 'pod']);
    expect(groups.uncategorized).toEqual(['ConfigMap/x']);
  });

  it('puts Services with the pods that all of their selector is on', () => {
    const { groups } = grouping([
      object('Service', 'right', { spec: { selector: { app: 'web' } } }),
      object('Service', 'wrong', { spec: { selector: { app: 'web', tier: 'x' } } }),
      object('Service', 'none', { spec: {} }),
      object('Service', 'elsewhere', { spec: { selector: { app: 'web' } } }, { namespace: 'other' }),
      workload('Deployment', 'web'),
    ]);
    expect(groups).toEqual({
      uncategorized: ['Service/wrong', 'Service/none', 'Service/elsewhere'],
      web: ['Service/right', 'Deployment/web'],
    });
  });

  it('puts what one workload alone uses with it, and what several share with none', () => {
    const template = pod(
      'app',
      { app: 'web' },
      {
        serviceAccountName: 'sa',
        imagePullSecrets: [{ name: 'pull' }],
        volumes: [
          { configMap: { name: 'vol' } },
          { secret: { secretName: 'sec' } },
          { persistentVolumeClaim: { claimName: 'pvc' } },
          { projected: { sources: [{ configMap: { name: 'proj' } }, { secret: { name: 'projsec' } }] } },
        ],
        initContainers: [{ name: 'i', image: 'x', envFrom: [{ configMapRef: { name: 'shared' } }] }],
        containers: [{ name: 'c', image: 'app', env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'key' } } }] }],
      },
    );
    const used = [
      ['ServiceAccount', 'sa'],
      ['Secret', 'pull'],
      ['ConfigMap', 'vol'],
      ['Secret', 'sec'],
      ['PersistentVolumeClaim', 'pvc'],
      ['ConfigMap', 'proj'],
      ['Secret', 'projsec'],
      ['Secret', 'key'],
    ] as const;
    const { groups } = grouping([
      ...used.map(([kind, name]) => object(kind, name)),
      object('ConfigMap', 'shared'),
      object('Service', 'web', { spec: { selector: { app: 'web' } } }),
      object('Ingress', 'in', { spec: { rules: [{ http: { paths: [{ backend: { service: { name: 'web' } } }] } }] } }),
      object('HorizontalPodAutoscaler', 'hpa', { spec: { scaleTargetRef: { kind: 'Deployment', name: 'web' } } }),
      object('PodDisruptionBudget', 'pdb', { spec: { selector: { matchLabels: { app: 'web' } } } }),
      workload('Deployment', 'web', template),
      workload(
        'Deployment',
        'other',
        pod(
          'x',
          { app: 'other' },
          { containers: [{ name: 'c', image: 'x', envFrom: [{ configMapRef: { name: 'shared' } }] }] },
        ),
      ),
    ]);
    expect(groups).toEqual({
      uncategorized: ['ConfigMap/shared'],
      web: [
        ...used.map((each) => each.join('/')),
        'Service/web',
        'Ingress/in',
        'HorizontalPodAutoscaler/hpa',
        'PodDisruptionBudget/pdb',
        'Deployment/web',
      ],
      other: ['Deployment/other'],
    });
  });

  it('gives workloads of one name longer names: kind first, else namespace', () => {
    const names = (...objects: KubeObject[]) => Object.keys(grouping(objects).groups);
    expect(names(workload('Deployment', 'a'), workload('Job', 'a'), workload('Job', 'b'))).toEqual([
      'a:deployment',
      'a:job',
      'b',
    ]);
    expect(
      names(workload('Job', 'a', pod('x'), { namespace: 'n' }), workload('Job', 'a', pod('x'), { namespace: 'm' })),
    ).toEqual(['a:n', 'a:m']);
  });

  it('follows claims, makes resources of them, and tells what is missing', () => {
    const { groups, missing } = grouping(
      [
        object('ConfigMap', 'x'),
        object('ConfigMap', 'y'),
        workload('Deployment', 'web'),
        workload('Deployment', 'api'),
      ],
      {
        web: ['ConfigMap/x', 'configmap/no'],
        both: ['deployment/api', 'configmap/y'],
      },
    );
    expect(groups).toEqual({ web: ['ConfigMap/x', 'Deployment/web'], both: ['ConfigMap/y', 'Deployment/api'] });
    expect(missing).toEqual([{ resource: 'web', object: 'configmap/no' }]);
  });

  it('expects no more pods than an autoscaler may leave', () => {
    const scaled = object('Deployment', 'web', { spec: { replicas: 5, template: pod('app', { app: 'web' }) } });
    const scaler = (min?: number) =>
      object('HorizontalPodAutoscaler', 'web', {
        spec: {
          scaleTargetRef: { kind: 'Deployment', name: 'web' },
          ...(min === undefined ? {} : { minReplicas: min }),
        },
      });
    const expected = (...objects: readonly KubeObject[]) =>
      group(
        objects.map((each) => ({ object: each, at })),
        [],
        null,
      ).groups.map(({ workload }) => workload?.replicas);
    expect(expected(scaled)).toEqual([5]);
    expect(expected(scaled, scaler(2))).toEqual([2]);
    expect(expected(scaled, scaler())).toEqual([1]);
    expect(expected(scaled, scaler(9))).toEqual([5]);
  });

  it('takes what runs on for the workload, not a Job put beside it', () => {
    const objects = [workload('Job', 'migrate'), workload('Deployment', 'web')].map((each) => ({ object: each, at }));
    const { groups } = group(objects, [{ resource: 'web', objects: ['job/migrate'] }], null);
    expect(groups.map(({ name, workload }) => [name, workload?.kind])).toEqual([['web', 'Deployment']]);
  });
});

it.each([
  ['nginx', 'docker.io/library/nginx', null, null],
  ['docker.io/library/nginx:1', 'docker.io/library/nginx', '1', null],
  ['index.docker.io/nginx', 'docker.io/library/nginx', null, null],
  ['shop/web:a', 'docker.io/shop/web', 'a', null],
  ['localhost:5000/web', 'localhost:5000/web', null, null],
  ['localhost:5000/web:b@sha256:00', 'localhost:5000/web', 'b', 'sha256:00'],
  ['localhost/web', 'localhost/web', null, null],
  ['ghcr.io/a/b/c', 'ghcr.io/a/b/c', null, null],
])('the image %s is %s, tag %s, digest %s', (ref, name, tag, digest) => {
  expect(imageName(ref)).toEqual({ name, tag, digest });
});

it.each<[string, string[], string | null]>([
  ['app:1', ['app'], 'app'],
  ['app', ['docker.io/library/app'], 'docker.io/library/app'],
  ['app:stretch', ['app', 'app:stretch'], 'app:stretch'],
  ['app:other', ['app', 'app:stretch'], 'app'],
  ['app:other', ['app:stretch'], null],
  ['app', ['app:latest'], 'app:latest'],
  ['app@sha256:1', ['app'], 'app'],
  ['app@sha256:1', ['app:latest'], null],
  ['app@sha256:1', ['app@sha256:1', 'app'], 'app@sha256:1'],
  ['app:1@sha256:2', ['app@sha256:1'], null],
  ['localhost:5000/app', ['app'], null],
  ['my/app', ['app'], null],
])('%s means, of %j, %s', (image, refs, meant) => {
  expect(imageOf(image, refs)).toBe(meant);
});

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');
const injected = (
  objects: readonly KubeObject[],
  images: Record<string, string> = { app: 'reg:5000/app:t1' },
  runId = 'run1',
) =>
  inject(objects, {
    images,
    resource: 'web',
    project: projectOf('shop', '/p'),
    origin: { namespace: 'dev', config: 'sluice.yaml', needs: ['db'] },
    runId,
    digestOf,
  });

describe('injection', () => {
  it.each(['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job', 'CronJob', 'Rollout'])(
    'reaches the pods of a %s, with labels and a template hash',
    (kind) => {
      const { objects, templates, missed } = injected([workload(kind, 'web')]);
      const template = templates[0]?.hash;
      expect(templates).toEqual([{ hash: template, kind, replicas: 1 }]);
      const inside = podTemplate(objects[0]!)!;
      expect(inside.spec.containers).toEqual([
        { name: 'c', image: 'reg:5000/app:t1', imagePullPolicy: 'IfNotPresent' },
      ]);
      expect(template).toMatch(/^[0-9a-f]{10}$/);
      expect(inside.metadata.labels).toEqual({
        app: 'web',
        'sluice-resource': 'web',
        'sluice-project': 'shop',
        'sluice-runid': 'run1',
        'app.kubernetes.io/managed-by': 'sluice',
        'sluice-template': template,
      });
      expect(objects[0]?.metadata.labels).toEqual({
        'sluice-resource': 'web',
        'sluice-project': 'shop',
        'sluice-runid': 'run1',
        'app.kubernetes.io/managed-by': 'sluice',
      });
      expect(missed).toEqual([]);
    },
  );

  it('reaches a bare Pod', () => {
    const { objects, templates } = injected([
      object('Pod', 'p', { spec: { containers: [{ name: 'c', image: 'app:9' }] } }),
    ]);
    expect(objects[0]?.spec).toEqual({
      containers: [{ name: 'c', image: 'reg:5000/app:t1', imagePullPolicy: 'IfNotPresent' }],
    });
    expect(objects[0]?.metadata.labels).toMatchObject({
      'sluice-template': templates[0]?.hash,
      'sluice-resource': 'web',
    });
  });

  it('replaces init and ephemeral containers and image volumes, and leaves foreign images alone', () => {
    const spec = {
      initContainers: [{ name: 'i', image: 'docker.io/library/app' }],
      containers: [{ name: 'c', image: 'redis', imagePullPolicy: 'Always' }],
      ephemeralContainers: [{ name: 'e', image: 'app:x' }],
      volumes: [
        { name: 'v', image: { reference: 'app', pullPolicy: 'Always' } },
        { name: 'w', emptyDir: {} },
      ],
    };
    const inside = podTemplate(injected([workload('Deployment', 'web', { spec })]).objects[0]!)!.spec;
    const built = { image: 'reg:5000/app:t1', imagePullPolicy: 'IfNotPresent' };
    expect(inside).toEqual({
      initContainers: [{ name: 'i', ...built }],
      containers: [{ name: 'c', image: 'redis', imagePullPolicy: 'Always' }],
      ephemeralContainers: [{ name: 'e', ...built }],
      volumes: [
        { name: 'v', image: { reference: 'reg:5000/app:t1', pullPolicy: 'IfNotPresent' } },
        { name: 'w', emptyDir: {} },
      ],
    });
  });

  it('tells what it did not find', () => {
    expect(injected([workload('Deployment', 'web')], { app: 'a:1', other: 'b:1' }).missed).toEqual(['other']);
  });

  it('touches neither selectors nor volume claims', () => {
    const set = object('StatefulSet', 'db', {
      spec: {
        selector: { matchLabels: { app: 'db' } },
        volumeClaimTemplates: [{ metadata: { name: 'd' } }],
        template: pod('app', { app: 'db' }),
      },
    });
    expect(injected([set]).objects[0]?.spec).toMatchObject({
      selector: { matchLabels: { app: 'db' } },
      volumeClaimTemplates: [{ metadata: { name: 'd' } }],
    });
  });

  it('keeps a label of a chart, on the object and on pods, which its selector may name', () => {
    const chart = { 'app.kubernetes.io/managed-by': 'Helm' };
    const { objects } = injected([
      workload('Deployment', 'web', pod('app', chart)),
      object('ConfigMap', 'settings', { metadata: { name: 'settings', labels: chart } }),
    ]);
    expect(objects[1]?.metadata.labels).toMatchObject({ ...chart, 'sluice-resource': 'web' });
    expect(podTemplate(objects[0]!)?.metadata.labels).toMatchObject({ 'app.kubernetes.io/managed-by': 'Helm' });
    expect(objects[0]?.metadata.labels).toMatchObject({ 'app.kubernetes.io/managed-by': 'sluice' });
  });

  it('gives the same hashes in another session, and others for another image', () => {
    const digests = ({ objects, templates }: ReturnType<typeof injected>) => [
      objects[0]?.metadata.annotations?.['sluice.dev/digest'],
      templates[0]?.hash,
    ];
    const deployment = [workload('Deployment', 'web')];
    const first = digests(injected(deployment));
    expect(digests(injected(deployment, undefined, 'run2'))).toEqual(first);
    const other = digests(injected(deployment, { app: 'reg:5000/app:t2' }));
    expect(other[0]).not.toBe(first[0]);
    expect(other[1]).not.toBe(first[1]);
  });

  it('changes the template hash for what pods are made of alone', () => {
    const one = workload('Deployment', 'web');
    const scaled = { ...one, spec: { ...(one.spec as object), replicas: 5 } };
    const [before, after] = [injected([one]), injected([scaled])].map(({ templates }) => templates[0]);
    expect(after).toEqual({ ...before, replicas: 5 });
  });

  it('leaves the given objects as they were', () => {
    const given = workload('CronJob', 'web');
    const before = structuredClone(given);
    injected([given]);
    expect(given).toEqual(before);
  });

  it("says of a directory's project where it is, and nothing where the name says enough", () => {
    const of = (project: Project, annotations: Record<string, string> = {}) => {
      const given = workload('Deployment', 'web');
      const marked = { ...given, metadata: { ...given.metadata, annotations } };
      const origin = { namespace: 'dev', config: 'sluice.yaml', needs: [] };
      const injection = { images: {}, resource: 'web', project, origin, runId: 'run1', digestOf };
      const made = inject([marked], injection).objects[0]!;
      const { labels = {}, annotations: said = {} } = podTemplate(made)!.metadata as KubeObject['metadata'];
      return [markOf(made.metadata.labels, made.metadata.annotations), markOf(labels, said)];
    };
    const place = { project: 'app', place: '/home/me/app' };
    expect(of(projectOf(null, '/home/me/app'))).toEqual([place, place]);
    // A manifest taken from a cluster may carry the place of another project.
    const given = { project: 'app', place: null };
    expect(of(projectOf('app', '/ci/42'), { 'sluice.dev/place': '/home/me/app' })).toEqual([given, given]);
  });

  it('leaves the label by which charts select as it is in the manifest', () => {
    const labels = { 'app.kubernetes.io/managed-by': 'Helm' };
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', labels } };
    expect(injected([service]).objects[0]?.metadata.labels).toMatchObject(labels);
  });

  it.each([undefined, 'OrderedReady', 'Parallel'])('leaves the order of pods of a set as it is: %s', (policy) => {
    const spec = {
      ...(workload('StatefulSet', 'db').spec as object),
      ...(policy ? { podManagementPolicy: policy } : {}),
    };
    const made = injected([{ ...workload('StatefulSet', 'db'), spec }]).objects[0]!;
    expect((made.spec as { podManagementPolicy?: string }).podManagementPolicy).toBe(policy);
  });

  it('says on each object what it is: a copy is known by it', () => {
    const made = injected([object('ConfigMap', 'settings')]).objects[0]!;
    expect(originOf(made)).toMatchObject({ namespace: 'dev', config: 'sluice.yaml', needs: ['db'] });
    expect(isCopy(made)).toBe(false);
    const copies = [{ name: 'other' }, { name: 'settings', namespace: 'elsewhere' }];
    for (const copy of copies) expect(isCopy({ ...made, metadata: { ...made.metadata, ...copy } })).toBe(true);
    expect(isCopy({ ...made, kind: 'Secret' })).toBe(true);
  });
});

it('objects are applied after what they need, webhooks last', () => {
  const kinds = [
    'ValidatingWebhookConfiguration',
    'Widget',
    'Deployment',
    'Service',
    'ConfigMap',
    'Role',
    'ServiceAccount',
    'CustomResourceDefinition',
    'Namespace',
  ];
  expect(kindOrder(kinds.map((kind) => object(kind, 'x'))).map(({ kind }) => kind)).toEqual([
    'Namespace',
    'CustomResourceDefinition',
    'ServiceAccount',
    'Role',
    'ConfigMap',
    'Service',
    'Deployment',
    'Widget',
    'ValidatingWebhookConfiguration',
  ]);
});

it('a kind that others define comes after all workloads, also where it is called like one of the cluster', () => {
  const knative = { apiVersion: 'serving.knative.dev/v1', kind: 'Service', metadata: { name: 'x' } };
  const operator = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'operator' } };
  expect(kindOrder([knative, operator])).toEqual([operator, knative]);
});

it('values of Secrets are known raw and encoded, short ones are not', () => {
  const secret = object('Secret', 's', {
    data: { a: Buffer.from('päss').toString('base64'), n: 'MQ==' },
    stringData: { b: 'plain-text', c: 'abc' },
  });
  expect(secretsOf([secret, object('ConfigMap', 'x', { data: { a: 'not secret' } })])).toEqual([
    { name: 's', key: 'a', value: 'cMOkc3M=' },
    { name: 's', key: 'a', value: 'päss' },
    { name: 's', key: 'b', value: 'plain-text' },
    { name: 's', key: 'b', value: Buffer.from('plain-text').toString('base64') },
  ]);
});

it('objects are the same in another version of their API, not in another group', () => {
  const key = (apiVersion: string) => objectKey({ ...object('Ingress', 'x'), apiVersion }, 'ns');
  expect(key('networking.k8s.io/v1')).toBe(key('networking.k8s.io/v1beta1'));
  expect(key('networking.k8s.io/v1')).not.toBe(key('extensions/v1'));
  expect(objectRef(object('Pod', 'x', {}, { namespace: 'a' }), 'b').namespace).toBe('a');
  expect(objectRef(object('Pod', 'x'), 'b')).toEqual({ apiVersion: 'v1', kind: 'Pod', name: 'x', namespace: 'b' });
});

it('readiness by default depends on what runs', () => {
  const ready = (kind: string) => readyDefault(workloadOf(workload(kind, 'x'), []), []);
  expect(['Deployment', 'Job', 'CronJob', 'Rollout'].map(ready)).toEqual(['pods', 'job', 'none', 'pods']);
  expect([readyDefault(null, []), readyDefault(null, [{ app: 'x' }])]).toEqual(['none', 'pods']);
});

it('images of objects are found once each, in order', () => {
  expect(
    imagesIn(
      [workload('Job', 'a', pod('b:1')), workload('CronJob', 'c', pod('a')), workload('Job', 'd', pod('b:2'))],
      ['a', 'b', 'c'],
    ),
  ).toEqual(['b', 'a']);
});

it('stable JSON does not depend on the order of keys', () => {
  expect(stableJson({ b: [1, { d: undefined, c: null }], a: 'x' })).toBe('{"a":"x","b":[1,{"c":null}]}');
});
