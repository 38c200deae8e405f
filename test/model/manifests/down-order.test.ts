import { describe, expect, it } from 'vitest';
import { downStages, type Going } from '../../../src/model/manifests/down-order.ts';

const apiVersions: Readonly<Record<string, string>> = {
  Deployment: 'apps/v1',
  StatefulSet: 'apps/v1',
  Job: 'batch/v1',
  ClusterRole: 'rbac.authorization.k8s.io/v1',
  CustomResourceDefinition: 'apiextensions.k8s.io/v1',
  ValidatingWebhookConfiguration: 'admissionregistration.k8s.io/v1',
  Pizza: 'try.example.com/v1',
  Certificate: 'cert-manager.io/v1',
  Gateway: 'gateway.networking.k8s.io/v1',
};

/** `resource/Kind`, each named after its resource. */
const going = (...texts: readonly string[]): Going[] =>
  texts.map((text) => {
    const [resource = '', kind = ''] = text.split('/');
    return { resource, ref: { apiVersion: apiVersions[kind] ?? 'v1', kind, name: resource, namespace: 'dev' } };
  });

const stages = (texts: readonly string[], needs: Readonly<Record<string, readonly string[]>> = {}) =>
  downStages(going(...texts), (name) => needs[name] ?? []).map((stage) =>
    stage.map(({ resource, ref }) => `${resource}/${ref.kind}`),
  );

describe('what goes before what', () => {
  it('what needs goes before what it needs, whatever the order of the files', () => {
    const needs = { api: ['migrate'], migrate: ['db'], web: ['api'] };
    const all = ['api/Deployment', 'db/StatefulSet', 'web/Deployment', 'migrate/Job', 'other/Deployment'];
    expect(stages(all, needs)).toEqual([
      ['web/Deployment', 'other/Deployment'],
      ['api/Deployment'],
      ['migrate/Job'],
      ['db/StatefulSet'],
    ]);
  });

  it('also over one that is not among them', () => {
    const needs = { api: ['codegen'], codegen: ['db'] };
    expect(stages(['db/StatefulSet', 'api/Deployment'], needs)).toEqual([['api/Deployment'], ['db/StatefulSet']]);
  });

  it('what belongs to no workload is the base of all', () => {
    const all = ['uncategorized/ConfigMap', 'web/Deployment', 'db/StatefulSet'];
    expect(stages(all, { web: ['db'] })).toEqual([['web/Deployment'], ['db/StatefulSet'], ['uncategorized/ConfigMap']]);
  });

  it.each(['Pizza', 'Certificate', 'Gateway'])(
    'a %s goes before its operator, its roles and its definition',
    (kind) => {
      const all = [
        'uncategorized/CustomResourceDefinition',
        'uncategorized/Namespace',
        'uncategorized/ClusterRole',
        `uncategorized/${kind}`,
        'operator/Deployment',
        'operator/ServiceAccount',
      ];
      expect(stages(all)).toEqual([
        [`uncategorized/${kind}`],
        ['operator/Deployment', 'operator/ServiceAccount'],
        ['uncategorized/ClusterRole'],
        ['uncategorized/CustomResourceDefinition'],
        ['uncategorized/Namespace'],
      ]);
    },
  );

  it('a webhook goes first: its server is about to go', () => {
    const all = ['a/Deployment', 'a/ValidatingWebhookConfiguration', 'b/Pizza'];
    expect(stages(all)).toEqual([['a/ValidatingWebhookConfiguration'], ['b/Pizza'], ['a/Deployment']]);
  });

  it.each([
    ['of two', { a: ['b'], b: ['a'] }],
    ['of one', { a: ['a'] }],
    ['of many', { a: ['b'], b: ['c'], c: ['a'] }],
  ])('a circle %s ends: such may stand in the cluster', (_, needs) => {
    const all = ['a/Deployment', 'b/Deployment', 'c/Deployment'];
    expect(stages(all, needs).flat().sort()).toEqual(all);
  });

  it('an object is in one stage, and in one only', () => {
    const all = Object.keys(apiVersions).flatMap((kind) => [`a/${kind}`, `b/${kind}`]);
    expect(
      stages(all, { a: ['b'] })
        .flat()
        .sort(),
    ).toEqual(all.sort());
  });
});
