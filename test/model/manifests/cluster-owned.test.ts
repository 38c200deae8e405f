// What controllers of the cluster fill in is neither applied nor compared; what the manifest really says stays.
import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../src/model/config.ts';
import { leftToCluster } from '../../../src/model/manifests.ts';

const object = (apiVersion: string, kind: string, rest: object = {}, metadata: object = {}): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name: 'x', ...metadata },
  ...rest,
});
const applied = (...objects: readonly KubeObject[]) =>
  leftToCluster(objects.map((each) => ({ object: each }))).map((each) => each.object);
const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }];
const webhook = (caBundle: string) => ({ webhooks: [{ name: 'a.b.c', clientConfig: { service: {}, caBundle } }] });
const injection = { annotations: { 'cert-manager.io/inject-ca-from': 'ns/cert' } };
const conversion = (caBundle: string) => ({ spec: { conversion: { webhook: { clientConfig: { caBundle } } } } });
const deployment = (replicas?: number, kind = 'Deployment') =>
  object('apps/v1', kind, { spec: { replicas, template: {} } }, { name: 'web' });
const scaler = (kind: string, target: object) => object('autoscaling/v2', kind, { spec: { scaleTargetRef: target } });

/** The object without what is at this path. */
function cut(given: KubeObject, path: string): KubeObject {
  const copy = structuredClone(given);
  const [last = '', ...way] = path.split('|').reverse();
  const holder = way.reverse().reduce<unknown>((inside, key) => (inside as Record<string, unknown>)[key], copy);
  delete (holder as Record<string, unknown>)[last];
  return copy;
}

describe('a field of a controller is left out', () => {
  const rbac = 'rbac.authorization.k8s.io/v1';
  const admission = 'admissionregistration.k8s.io/v1';
  const crd = object('apiextensions.k8s.io/v1', 'CustomResourceDefinition', conversion('Cg=='));
  const api = object('apiregistration.k8s.io/v1', 'APIService', { spec: { caBundle: 'UkVBTA==' } }, injection);
  const service = object('v1', 'Service', { spec: { clusterIP: '', ports: [{ port: 1 }] } });
  const revision = { annotations: { 'deployment.kubernetes.io/revision': '3', a: 'b' } };
  it.each<[string, KubeObject]>([
    ['rules', object(rbac, 'ClusterRole', { aggregationRule: {}, rules: [] })],
    ['rules', object(rbac, 'ClusterRole', { aggregationRule: {}, rules })],
    ['webhooks|0|clientConfig|caBundle', object(admission, 'MutatingWebhookConfiguration', webhook('Cg=='))],
    ['webhooks|0|clientConfig|caBundle', object(admission, 'ValidatingWebhookConfiguration', webhook(''))],
    [
      'webhooks|0|clientConfig|caBundle',
      object(admission, 'MutatingWebhookConfiguration', webhook('UkVBTA=='), injection),
    ],
    ['spec|conversion|webhook|clientConfig|caBundle', crd],
    ['spec|caBundle', api],
    ['spec|clusterIP', service],
    ['spec|ports|0|nodePort', object('v1', 'Service', { spec: { ports: [{ port: 1, nodePort: 0 }] } })],
    ['spec|volumeName', object('v1', 'PersistentVolumeClaim', { spec: { volumeName: '' } })],
    ['spec|finalizers', object('v1', 'Namespace', { spec: { finalizers: ['kubernetes'] } })],
    ['status', object('apps/v1', 'Deployment', { spec: {}, status: { replicas: 1 } })],
    ['metadata|creationTimestamp', object('v1', 'ConfigMap', {}, { creationTimestamp: null })],
    ['metadata|resourceVersion', object('v1', 'ConfigMap', {}, { resourceVersion: '17' })],
    ['metadata|annotations|deployment.kubernetes.io/revision', object('apps/v1', 'Deployment', {}, revision)],
  ])('%s', (path, given) => expect(applied(given)).toEqual([cut(given, path)]));

  it.each<[string, KubeObject]>([
    ['rules of a role', object(rbac, 'ClusterRole', { rules })],
    ['a bundle of its own', object(admission, 'MutatingWebhookConfiguration', webhook('UkVBTA=='))],
    [
      'headless and chosen addresses',
      object('v1', 'Service', { spec: { clusterIP: 'None', ports: [{ nodePort: 30_080 }] } }),
    ],
    ['a chosen volume', object('v1', 'PersistentVolumeClaim', { spec: { volumeName: 'pv-1' } })],
    ["status of somebody else's kind", object('example.com/v1', 'Thing', { status: { a: 1 } })],
  ])('but not %s', (_, given) => expect(applied(given)).toEqual([given]));
});

describe('replicas', () => {
  const replicas = (workload: KubeObject, ...scalers: readonly KubeObject[]) =>
    (applied(workload, ...scalers)[0]!.spec as { replicas?: number }).replicas;
  const target = { kind: 'Deployment', name: 'web' };
  it('are those of an autoscaler where there is one, unless they switch the workload off', () => {
    expect(replicas(deployment(3))).toBe(3);
    expect(replicas(deployment(3), scaler('HorizontalPodAutoscaler', target))).toBeUndefined();
    expect(replicas(deployment(3), scaler('ScaledObject', { name: 'web' }))).toBeUndefined();
    expect(replicas(deployment(0), scaler('HorizontalPodAutoscaler', target))).toBe(0);
    expect(replicas(deployment(3), scaler('HorizontalPodAutoscaler', { ...target, name: 'other' }))).toBe(3);
    expect(replicas(deployment(3, 'StatefulSet'), scaler('HorizontalPodAutoscaler', target))).toBe(3);
  });
});
