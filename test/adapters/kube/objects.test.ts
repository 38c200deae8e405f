import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../src/model/config.ts';
import { cluster } from '../../support/capability.ts';
import { never, type Testbed, testbed, until } from './testbed.ts';

const deployment = (namespace: string, spec: object): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace },
  spec: {
    replicas: 0,
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'web' }] } },
    ...spec,
  },
});

describe.skipIf(!cluster)('objects', () => {
  let bed: Testbed;
  beforeAll(async () => {
    bed = await testbed();
  });
  afterAll(() => bed.remove());
  const refused = (call: Promise<unknown>) =>
    call.then(
      () => expect.unreachable(),
      (error) => error.problem,
    );

  it("keep every field on their way: a NetworkPolicy's `from` is not lost", async () => {
    const ingress = [{ from: [{ podSelector: { matchLabels: { app: 'db' } } }] }];
    const policy: KubeObject = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'only-db', namespace: bed.namespace },
      spec: { podSelector: {}, ingress, policyTypes: ['Ingress'] },
    };
    const ref = { apiVersion: policy.apiVersion, kind: policy.kind, name: 'only-db', namespace: bed.namespace };
    await bed.kube.apply(policy, never);
    expect((await bed.kube.get(ref, never))?.spec).toMatchObject({ ingress });
  });

  it('keep the x-kubernetes fields of a CustomResourceDefinition, whose kind can be used then', async () => {
    const group = `${bed.namespace}.example.com`;
    const value = { 'x-kubernetes-int-or-string': true };
    const tags = { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } };
    const schema = { openAPIV3Schema: { type: 'object', properties: { value, tags } } };
    const crd: KubeObject = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `things.${group}` },
      spec: {
        group,
        scope: 'Namespaced',
        names: { kind: 'Thing', plural: 'things' },
        versions: [{ name: 'v1', served: true, storage: true, schema }],
      },
    };
    const ref = { apiVersion: crd.apiVersion, kind: crd.kind, name: crd.metadata.name, namespace: null };
    const apiVersion = `${group}/v1`;
    expect(await refused(bed.kube.isNamespaced(apiVersion, 'Thing', never))).toMatchObject({
      code: 'S313',
      what: expect.stringContaining('Thing'),
    });
    try {
      await bed.kube.apply(crd, never);
      const stored = (await bed.kube.get(ref, never)) as unknown as { spec: { versions: { schema: unknown }[] } };
      expect(stored.spec.versions[0]!.schema).toMatchObject(schema);
      await until('the new kind', () => bed.kube.isNamespaced(apiVersion, 'Thing', never).catch(() => false));
      const thing = {
        apiVersion,
        kind: 'Thing',
        metadata: { name: 'one', namespace: bed.namespace },
        value: '10%',
        tags: ['a'],
      };
      await until('the new kind to be served', () =>
        bed.kube.apply(thing, never).then(
          () => true,
          () => false,
        ),
      );
      expect(await bed.kube.list(apiVersion, 'Thing', bed.namespace, null, never)).toMatchObject([
        { kind: 'Thing', value: '10%' },
      ]);
    } finally {
      await bed.kube.delete(ref, never);
    }
  });

  it('with a misspelt field are refused, and the field is named', async () => {
    const object = deployment(bed.namespace, { replica: 3 });
    const field = { kind: 'step', code: 'S312', what: expect.stringContaining('spec.replica') };
    expect(await refused(bed.kube.apply(object, never))).toMatchObject(field);
    expect(await refused(bed.kube.create(object, never))).toMatchObject(field);
  });

  it('are applied by us, taking fields over from others, and a dry run changes nothing', async () => {
    const ref = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', namespace: bed.namespace };
    await bed.kube.apply(deployment(bed.namespace, {}), never, { dryRun: true });
    expect(await bed.kube.get(ref, never)).toBeNull();
    await bed.kube.create(deployment(bed.namespace, { paused: true }), never);
    const applied = await bed.kube.apply(deployment(bed.namespace, { paused: false }), never);
    expect(applied.spec).toMatchObject({ replicas: 0 });
    expect(applied.spec).not.toMatchObject({ paused: true });
    expect(applied.metadata).not.toHaveProperty('managedFields');
    expect(await bed.kube.list('apps/v1', 'Deployment', bed.namespace, 'app=other', never)).toEqual([]);
  });

  it('that may only be new are made once, and a second time is a conflict that changes nothing', async () => {
    const config = (a: string) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'once', namespace: bed.namespace },
      data: { a },
    });
    const once = { onlyNew: true };
    expect(await bed.kube.apply(config('first'), never, once)).toMatchObject({ data: { a: 'first' } });
    expect(await refused(bed.kube.apply(config('second'), never, once))).toMatchObject({ code: 'S317' });
    const ref = { apiVersion: 'v1', kind: 'ConfigMap', name: 'once', namespace: bed.namespace };
    expect(await bed.kube.get(ref, never)).toMatchObject({ data: { a: 'first' } });
    // Its fields are those of an apply: what the next one no longer says goes.
    const { data: _, ...bare } = config('');
    expect(await bed.kube.apply(bare, never)).not.toHaveProperty('data');
  });

  it('tell apart why they are refused', async () => {
    const config = (name: string, data: object, namespace = bed.namespace) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace },
      data,
    });
    await bed.kube.apply(deployment(bed.namespace, {}), never);
    const selector = { matchLabels: { app: 'other' } };
    const template = { metadata: { labels: { app: 'other' } }, spec: { containers: [{ name: 'web', image: 'web' }] } };
    expect(await refused(bed.kube.apply(deployment(bed.namespace, { selector, template }), never))).toMatchObject({
      code: 'S314',
    });
    expect(await refused(bed.kube.apply(deployment(bed.namespace, { replicas: 'two' }), never))).toMatchObject({
      kind: 'step',
      code: 'S311',
    });
    expect(await refused(bed.kube.apply(config('big', { a: 'x'.repeat(2_000_000) }), never))).toMatchObject({
      code: 'S315',
    });
    expect(await refused(bed.kube.create(deployment(bed.namespace, {}), never))).toMatchObject({ code: 'S317' });
    expect(await refused(bed.kube.apply(config('x', {}, 'no-such-namespace'), never))).toMatchObject({ code: 'S318' });
    expect(await refused(bed.kube.apply(config('Not_A_Name', {}), never))).toMatchObject({
      kind: 'step',
      code: 'S311',
    });
  });

  it('that are not there are no error to read or to delete', async () => {
    const ref = { apiVersion: 'v1', kind: 'ConfigMap', name: 'none', namespace: bed.namespace };
    expect(await bed.kube.get(ref, never)).toBeNull();
    expect(await bed.kube.delete(ref, never)).toBe(false);
    expect(await bed.kube.get({ ...ref, apiVersion: 'nope.example.com/v1' }, never)).toBeNull();
    expect(await bed.kube.delete({ ...ref, kind: 'Nope' }, never)).toBe(false);
  });

  it('in a namespace that is going are refused with a code of their own, and a second delete is none', async () => {
    const other = await testbed();
    const space = { apiVersion: 'v1', kind: 'Namespace', name: other.namespace, namespace: null };
    expect(await other.kube.delete(space, never)).toBe(true);
    expect(await other.kube.delete(space, never)).toBe(true);
    const late = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'late', namespace: other.namespace } };
    expect(await refused(other.kube.apply(late, never))).toMatchObject({ kind: 'step', code: 'S316' });
    await other.remove();
  });

  it('are not asked for once the call is aborted', async () => {
    const stop = new AbortController();
    const call = bed.kube.list('v1', 'ConfigMap', bed.namespace, null, stop.signal);
    stop.abort(new Error('changed my mind'));
    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('include the registry that the cluster announces', async () => {
    expect(await bed.kube.registry(never)).toEqual({ host: 'localhost:5000', hostFromCluster: null });
  });
});
