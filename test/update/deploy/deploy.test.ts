import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { parse, stringify } from 'yaml';
import { connectKube } from '../../../src/adapters/kube/index.ts';
import { secretsOf } from '../../../src/model/manifests.ts';
import type { KubePort } from '../../../src/model/ports.ts';
import { cluster, kubeconfig } from '../../support/capability.ts';
import { kubectl, namespace } from '../../support/cluster/cluster.ts';
import { tempProject } from '../../support/temp.ts';
import { deploy, deployedBy, dockerfileBuild, imageOf, portsOf, realKube, said, workOf } from '../real.ts';

const config = (name: string, more = '') =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}${more}}\ndata: {a: "1"}\n`;

/** A kind of this test's own; its definition is gone after the test. */
function customKind(scope: 'Namespaced' | 'Cluster') {
  const group = `t${randomBytes(3).toString('hex')}.sluice.dev`;
  onTestFinished(() =>
    kubectl('delete', 'crd', `things.${group}`, '--ignore-not-found', '--wait=false').then(() => {}),
  );
  const definition = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.${group}}
spec:
  group: ${group}
  scope: ${scope}
  names: {plural: things, singular: thing, kind: Thing, listKind: ThingList}
  versions:
    - name: v1
      served: true
      storage: true
      schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
`;
  return {
    group,
    definition,
    thing: `apiVersion: ${group}/v1\nkind: Thing\nmetadata: {name: first}\nspec: {size: 1}\n`,
  };
}

describe.skipIf(!cluster)('a deploy', () => {
  let kube: KubePort;
  beforeAll(async () => {
    kube = await connectKube({ kubeconfig, context: 'sluice-test' });
    return () => kube.close();
  });
  const names = async (space: string, kinds: string) =>
    (await kubectl('-n', space, 'get', kinds, '-o', 'name'))
      .split('\n')
      .filter((line) => line && !line.includes('kube-root'));

  it.each(['Namespaced', 'Cluster'] as const)('brings objects of a kind that it defines itself (%s)', async (scope) => {
    const space = await namespace('crd');
    const { group, definition, thing } = customKind(scope);
    // Given the wrong way round: kinds are put in order.
    const yaml = `${thing}---\n${definition}`;
    const deployed = deployedBy(await deploy(workOf(space, yaml), portsOf({ kube })));
    expect(deployed.objects.find(({ kind }) => kind === 'Thing')?.namespace).toBe(scope === 'Cluster' ? null : space);
    const found = await kubectl(...(scope === 'Cluster' ? [] : ['-n', space]), 'get', `things.${group}`, '-o', 'name');
    expect(found.trim()).toBe(`thing.${group}/first`);
    expect(await deploy(workOf(space, yaml), portsOf({ kube }))).toMatchObject({
      is: 'ok',
      result: { unchanged: true },
    });
  });

  it('makes a namespace and what is in it, and leaves one that exists as it is', async () => {
    const space = await namespace('spaces');
    const made = `${space}-made`;
    onTestFinished(() => kubectl('delete', 'namespace', made, '--wait=false', '--ignore-not-found').then(() => {}));
    const yaml = `${config('inside', `, namespace: ${made}`)}---
apiVersion: v1
kind: Namespace
metadata: {name: ${made}}
---
apiVersion: v1
kind: Namespace
metadata: {name: ${space}, labels: {changed: "yes"}}
---
${config('here')}`;
    const deployed = deployedBy(await deploy(workOf(space, yaml), portsOf({ kube })));
    expect(await names(made, 'configmaps')).toEqual(['configmap/inside']);
    expect(await kubectl('get', 'namespace', space, '-o', 'jsonpath={.metadata.labels.changed}')).toBe('');
    expect(deployed.objects.map(({ name }) => name)).not.toContain(space);
    expect(deployed.objects.map(({ name }) => name)).toContain(made);
  });

  it('takes out what is no longer in the manifests, and only after everything was applied', async () => {
    const space = await namespace('garbage');
    const ports = portsOf({ kube });
    const before = deployedBy(await deploy(workOf(space, `${config('stays')}---\n${config('goes')}`), ports));
    const broken = workOf(space, `${config('stays')}---\n${config('new')}wrong: field\n`, [], { deployed: before });
    expect(await deploy(broken, ports)).toMatchObject({ is: 'failed', problem: { at: { line: 20 } } });
    expect(await names(space, 'configmaps')).toEqual(['configmap/goes', 'configmap/stays']);
    const after = deployedBy(await deploy(workOf(space, config('stays'), [], { deployed: before }), ports));
    expect(await names(space, 'configmaps')).toEqual(['configmap/stays']);
    expect(after.objects.map(({ name }) => name)).toEqual(['stays']);
  });

  it('leaves what another resource has taken over, what is to be kept, and what others made since', async () => {
    const space = await namespace('kept');
    const ports = portsOf({ kube });
    const kept = config('kept', ', annotations: {sluice.dev/down: keep}');
    const yaml = [config('moved'), kept, config('replaced'), config('rest')].join('---\n');
    const before = deployedBy(await deploy(workOf(space, yaml), ports));
    await deploy(workOf(space, config('moved'), [], { resource: 'other' }), ports);
    await kubectl('-n', space, 'delete', 'configmap', 'replaced');
    await kubectl('-n', space, 'create', 'configmap', 'replaced');
    await deploy(workOf(space, config('rest'), [], { deployed: before }), ports);
    expect(await names(space, 'configmaps')).toEqual(
      ['kept', 'moved', 'replaced', 'rest'].map((name) => `configmap/${name}`),
    );
    expect(said(ports)).toMatch(/kept configmap\/moved .*it belongs to other now/);
    expect(said(ports)).toMatch(/kept configmap\/replaced .*not made by sluice/);
  });

  it('does not take an object for another one whose API version changed', async () => {
    const space = await namespace('version');
    const ports = portsOf({ kube });
    const scaler = (version: string) => `apiVersion: autoscaling/${version}
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  maxReplicas: 2
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
`;
    const before = deployedBy(await deploy(workOf(space, scaler('v1')), ports));
    await deploy(workOf(space, scaler('v2'), [], { deployed: before }), ports);
    expect(await names(space, 'hpa')).toEqual(['horizontalpodautoscaler.autoscaling/web']);
  });

  it('ends only when nothing of it is under way any more', async () => {
    const space = await namespace('together');
    const calls = { open: 0, most: 0 };
    const counted = {
      ...kube,
      apply: async (...args: Parameters<KubePort['apply']>) => {
        calls.most = Math.max(calls.most, ++calls.open);
        try {
          return await kube.apply(...args);
        } finally {
          calls.open--;
        }
      },
    };
    const many = Array.from({ length: 40 }, (_, i) => config(`c${i}`, i === 3 ? ', labels: {"bad value": "x"}' : ''));
    expect(await deploy(workOf(space, many.join('---\n')), portsOf({ kube: counted }))).toMatchObject({
      is: 'failed',
      problem: { at: { line: 40 } },
    });
    expect(calls.open).toBe(0);
    expect(calls.most).toBeGreaterThan(1);
    expect(calls.most).toBeLessThanOrEqual(10);
  });

  it('says why a Secret is refused without its value', async () => {
    const space = await namespace('secret');
    const ports = portsOf({ kube });
    const secret = 'apiVersion: v1\nkind: Secret\nmetadata: {name: login}\nstringData: {password: 918273645}\n';
    const work = workOf(space, secret);
    ports.logs.hide(secretsOf(work.spec.objects.map(({ object }) => object)));
    const outcome = await deploy(work, ports);
    expect(outcome).toMatchObject({ is: 'failed', problem: { what: expect.stringContaining('stringData.password') } });
    expect(JSON.stringify(outcome) + said(ports)).not.toContain('918273645');
  });

  it('of an image that no manifest names is an error', async () => {
    const space = await namespace('missed');
    const image = { ...imageOf('shop/web', dockerfileBuild('/p')), last: null };
    const built = {
      ref: 'shop/web',
      id: 'sha256:1',
      tagged: 'shop/web:sluice-1',
      inCluster: 'shop/web:sluice-1',
      pushed: null,
      inputDigest: '1',
      change: 1,
      layers: 0,
    };
    const outcome = await deploy(workOf(space, config('a'), [image]), portsOf({ kube }), undefined, [built]);
    expect(outcome).toMatchObject({ is: 'failed', problem: { code: 'S263', kind: 'yours' } });
  });
});

describe.skipIf(!cluster)('with rights on one namespace only', () => {
  /** A kubeconfig of a service account that may do `rules` in `space`, and nothing else anywhere. */
  async function limited(space: string, verbs: string): Promise<KubePort> {
    await kubectl('-n', space, 'create', 'serviceaccount', 'dev');
    await kubectl('-n', space, 'create', 'role', 'dev', `--verb=${verbs}`, '--resource=configmaps');
    await kubectl('-n', space, 'create', 'rolebinding', 'dev', '--role=dev', `--serviceaccount=${space}:dev`);
    const token = (await kubectl('-n', space, 'create', 'token', 'dev')).trim();
    const file = `${tempProject()}/kubeconfig`;
    const whole = parse(readFileSync(kubeconfig, 'utf8'));
    writeFileSync(file, stringify({ ...whole, users: [{ name: whole.users[0].name, user: { token } }] }));
    return realKube(file);
  }

  it('everything in it can be deployed, updated and taken out', async () => {
    const space = await namespace('limited');
    const ports = portsOf({ kube: await limited(space, 'get,create,patch,delete') });
    const both = `${config('a')}---\n${config('b')}`;
    const deployed = deployedBy(await deploy(workOf(space, both), ports));
    const own = `apiVersion: v1\nkind: Namespace\nmetadata: {name: ${space}}\n---\n${config('a')}`;
    expect(await deploy(workOf(space, own, [], { deployed }), ports)).toMatchObject({ is: 'ok' });
    expect(await kubectl('-n', space, 'get', 'configmap', 'b', '--ignore-not-found')).toBe('');
    expect(said(ports)).toContain(`namespace/${space} is used as it is`);
  });

  it('what is denied is said by verb and object', async () => {
    const space = await namespace('denied');
    const ports = portsOf({ kube: await limited(space, 'get') });
    expect(await deploy(workOf(space, config('a')), ports)).toMatchObject({
      is: 'failed',
      phase: 'deploy',
      problem: {
        code: 'S310',
        kind: 'denied',
        what: expect.stringMatching(/not allowed to apply ConfigMap a in namespace/),
        hint: expect.stringMatching(/kubectl auth can-i/),
        at: { file: '/p/k8s.yaml', line: 10 },
      },
    });
  });
});
