// What reaches the cluster is what the manifest says, and what the API server says about it is told.
import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { connectKube } from '../../src/adapters/kube/index.ts';
import type { KubePort } from '../../src/model/ports.ts';
import { cluster, kubeconfig } from '../support/capability.ts';
import { kubectl, namespace } from '../support/cluster.ts';
import { deploy, portsOf, workOf } from './real.ts';

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
});
