// What reaches the cluster is what the manifest says, and what the API server says about it is told.
import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { connectKube } from '../../../src/adapters/kube/index.ts';
import { parseObjects } from '../../../src/config/manifests/objects.ts';
import { fieldPlace } from '../../../src/config/yaml/field-place.ts';
import { leftToCluster, secretsOf } from '../../../src/model/manifests.ts';
import type { KubePort, Ports } from '../../../src/model/ports.ts';
import { cluster, kubeconfig } from '../../support/capability.ts';
import { kubectl, namespace } from '../../support/cluster/cluster.ts';
import { eventually } from '../../support/facts.ts';
import { deploy, portsOf, said, workOf } from '../real.ts';

/** A kind of this test alone, whose `spec` holds anything. */
function widgets() {
  const group = `t${randomBytes(3).toString('hex')}.sluice-test.example`;
  const schema = '{openAPIV3Schema: {type: object, properties: {spec: {x-kubernetes-preserve-unknown-fields: true}}}}';
  onTestFinished(async () => {
    await kubectl('delete', 'crd', `widgets.${group}`, '--wait=false', '--ignore-not-found');
  });
  return {
    definition: `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.${group}}
spec:
  group: ${group}
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget}
  versions: [{name: v1, served: true, storage: true, schema: ${schema}}]
`,
    one: (spec: string) => `apiVersion: ${group}/v1\nkind: Widget\nmetadata: {name: one}\nspec: ${spec}\n`,
    resource: `widgets.${group}`,
  };
}

describe.skipIf(!cluster)('what is applied', () => {
  let kube: KubePort;
  beforeAll(async () => {
    kube = await connectKube({ kubeconfig, context: 'sluice-test' });
    return () => kube.close();
  });

  it('is each number digit for digit, and one more is a change', async () => {
    const [space, kind] = [await namespace('digits'), widgets()];
    const ports = portsOf({ kube });
    const given = (id: string) => deploy(workOf(space, `${kind.definition}---\n${kind.one(id)}`), ports);
    const spec = () => kubectl('-n', space, 'get', kind.resource, 'one', '-o', 'jsonpath={.spec}');
    const numbers = '[9007199254740993,9223372036854775807,0x7ffffffffffffffe,-9007199254740993,1e18,1.0,-0]';
    expect(await given(numbers)).toMatchObject({ is: 'ok' });
    expect(await spec()).toBe(
      '[9007199254740993,9223372036854775807,9223372036854775806,-9007199254740993,1000000000000000000,1,0]',
    );
    expect(await given(numbers)).toMatchObject({ is: 'ok', result: { unchanged: true } });
    expect(await given('[9007199254740992]')).toMatchObject({ is: 'ok', result: { unchanged: false } });
    expect(await given('[9007199254740993]')).toMatchObject({ is: 'ok', result: { unchanged: false } });
    expect(await spec()).toBe('[9007199254740993]');
  });

  it('is not what controllers fill in: an aggregated role keeps its rules, a scaled workload its pods', async () => {
    const space = await namespace('owned');
    const ports = portsOf({ kube });
    const role = `sluice-test-${space}`;
    onTestFinished(async () => {
      await kubectl('delete', 'clusterrole', role, `${role}-part`, '--ignore-not-found');
    });
    const label = `sluice-test.example/${space}`;
    const yaml = (image: string, replicas: number) => `kind: ClusterRole
apiVersion: rbac.authorization.k8s.io/v1
metadata: {name: ${role}}
aggregationRule: {clusterRoleSelectors: [{matchLabels: {${label}: "true"}}]}
rules: []
---
kind: ClusterRole
apiVersion: rbac.authorization.k8s.io/v1
metadata: {name: ${role}-part, labels: {${label}: "true"}}
rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]
---
kind: Deployment
apiVersion: apps/v1
metadata: {name: web}
spec:
  replicas: ${replicas}
  paused: true
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: ${image}}]}
`;
    const given = (image: string, replicas: number) => {
      const work = workOf(space, yaml(image, replicas));
      return deploy({ ...work, spec: { ...work.spec, objects: leftToCluster(work.spec.objects) } }, ports);
    };
    const rules = () => kubectl('get', 'clusterrole', role, '-o', 'jsonpath={.rules[*].resources}');
    const replicas = () => kubectl('-n', space, 'get', 'deployment', 'web', '-o', 'jsonpath={.spec.replicas}');
    expect(await given('one', 1)).toMatchObject({ is: 'ok' });
    await eventually(async () => ((await rules()) === '["pods"]' ? true : null), 'the role is filled');
    expect(await given('one', 1)).toMatchObject({ is: 'ok', result: { unchanged: true } });
    await kubectl('-n', space, 'scale', 'deployment', 'web', '--replicas=2');
    await kubectl('-n', space, 'autoscale', 'deployment', 'web', '--min=2', '--max=2');
    expect(await given('one', 1)).toMatchObject({ is: 'ok', result: { unchanged: true } });
    expect(await given('two', 1)).toMatchObject({ is: 'ok', result: { unchanged: false } });
    expect([await replicas(), await rules()]).toEqual(['2', '["pods"]']);
    await kubectl('-n', space, 'delete', 'hpa', 'web');
    expect(await given('two', 1)).toMatchObject({ is: 'ok' });
    expect(await replicas()).toBe('1');
  });

  it('and what the API server warns of is one line of level warn for each text, also where it refuses', async () => {
    const space = await namespace('warned');
    await kubectl('label', 'namespace', space, 'pod-security.kubernetes.io/warn=restricted');
    const ports = portsOf({ kube });
    const yaml = (extra: string) => `apiVersion: apps/v1
kind: Deployment
metadata: {name: w}
spec:
  replicas: 0
  selector: {matchLabels: {a: w}}
  template:
    metadata: {labels: {a: w}, annotations: {x: "${extra}"}}
    spec:
      nodeSelector: {beta.kubernetes.io/os: linux}
      containers: [{name: c, image: none, securityContext: {privileged: true}}]
`;
    const warned = () => ports.logs.tail({ level: 'warn' }, 100).lines.map(({ text }) => text);
    expect(await deploy(workOf(space, yaml('1')), ports)).toMatchObject({ is: 'ok' });
    expect(await deploy(workOf(space, yaml('2')), ports)).toMatchObject({ is: 'ok' });
    expect(warned().sort()).toEqual([
      expect.stringMatching(/^spec\.template\.spec\.nodeSelector.*deprecated/),
      expect.stringMatching(/^would violate PodSecurity "restricted:latest": privileged \(container "c"/),
    ]);
    const both = yaml('3').replace('matchLabels: {a: w}', 'matchLabels: {a: other}');
    expect(await deploy({ ...workOf(space, both), resource: 'other' }, ports)).toMatchObject({ is: 'failed' });
    expect(warned().length).toBeGreaterThan(2);
  });

  it('and what is refused is told for each field of each object, with its line and its nearest name; a Secret stays one', async () => {
    const space = await namespace('refused');
    const yaml = `apiVersion: v1
kind: Service
metadata: {name: s}
spec:
  ports:
    - port: 80
      targetPrt: 80
---
apiVersion: v1
kind: Secret
metadata: {name: c}
stringData: {a: 12345678}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: d}
dat: {a: b}
`;
    const ports: Ports = { ...portsOf({ kube }), fieldAt: async (at, path) => fieldPlace(yaml, at, path) };
    const { objects } = parseObjects(yaml, '/p/m.yaml');
    ports.logs.hide(secretsOf(objects.map(({ object }) => object)));
    const work = workOf(space, '');
    const outcome = await deploy({ ...work, spec: { ...work.spec, objects } }, ports);
    if (outcome.is !== 'failed') throw new Error('it was not refused');
    const problems = [outcome.problem, ...(outcome.others ?? [])];
    expect(problems.map(({ at, code, hint }) => `${at?.line}:${at?.column} ${code} ${hint}`)).toEqual([
      '7:7 S312 did you mean targetPort?',
      expect.stringMatching(/^12:14 S31. quote it/),
      expect.stringMatching(/^17:1 S31. did you mean data\?/),
    ]);
    expect(JSON.stringify(outcome) + said(ports)).not.toContain('12345678');
    expect(await kubectl('-n', space, 'get', 'service,secret', '-o', 'name')).toBe('');
  });
});
