import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { connectKube } from '../../../src/adapters/kube/index.ts';
import type { KubePort } from '../../../src/model/ports.ts';
import { deleteObjects } from '../../../src/update/deploy/objects/delete.ts';
import { cluster, kubeconfig } from '../../support/capability.ts';
import { kubectl, namespace } from '../../support/cluster/cluster.ts';
import { eventually } from '../../support/facts.ts';
import { tempProject } from '../../support/temp.ts';
import { deploy, deployedBy, never, portsOf, project, said, workOf } from '../real.ts';

describe.skipIf(!cluster)('taking objects out', () => {
  let kube: KubePort;
  beforeAll(async () => {
    kube = await connectKube({ kubeconfig, context: 'sluice-test' });
    return () => kube.close();
  });

  it('goes in reverse order of kinds, waits until all is gone, and keeps volumes and namespaces', async () => {
    const space = await namespace('delete');
    const role = `sluice-test-${randomBytes(3).toString('hex')}`;
    onTestFinished(() => kubectl('delete', 'clusterrole', role, '--ignore-not-found').then(() => {}));
    const ports = portsOf({ kube });
    const yaml = `apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: ${role}}
rules: []
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}, storageClassName: none}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 0
  selector: {matchLabels: {app: web}}
  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: sluice-none}]}}
`;
    const { objects } = deployedBy(await deploy(workOf(space, yaml), ports));
    const all = [...objects, { apiVersion: 'v1', kind: 'Namespace', name: space, namespace: null }];
    const gone = await deleteObjects(kube, { resource: 'web', refs: all }, { project, wait: true }, ports, never);
    expect(gone.map(({ kind }) => kind)).toEqual(['Deployment', 'ConfigMap', 'ClusterRole']);
    expect((await kubectl('-n', space, 'get', 'deployments,configmaps,pvc', '-o', 'name')).trim().split('\n')).toEqual([
      'configmap/kube-root-ca.crt',
      'persistentvolumeclaim/data',
    ]);
    expect(await kubectl('get', 'clusterrole', role, '--ignore-not-found')).toBe('');
    expect(said(ports)).toMatch(/kept persistentvolumeclaim\/data .*volumes stay/);
    expect(said(ports)).toMatch(/kept namespace\/.*namespaces stay/);
    const volumes = await deleteObjects(
      kube,
      { resource: 'web', refs: all },
      { project, volumes: true, wait: true },
      ports,
      never,
    );
    expect(volumes.map(({ name }) => name)).toEqual(['data']);
    // Twice is no mistake; a namespace that others made stays in any case.
    expect(
      await deleteObjects(
        kube,
        { resource: 'web', refs: all },
        { project, namespaces: true, volumes: true },
        ports,
        never,
      ),
    ).toEqual([]);
  });

  it('takes the claims of a StatefulSet where volumes go, and leaves those of others', async () => {
    const space = await namespace('claims');
    const ports = portsOf({ kube });
    const claim = '{accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}, storageClassName: none}';
    const yaml = `apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: db
  selector: {matchLabels: {app: db}}
  template: {metadata: {labels: {app: db}}, spec: {terminationGracePeriodSeconds: 0, containers: [{name: db, image: sluice-none}]}}
  volumeClaimTemplates: [{metadata: {name: data}, spec: ${claim}}]
`;
    const other = join(
      tempProject({
        'pvc.yaml': `apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data-db-x}\nspec: ${claim}\n`,
      }),
      'pvc.yaml',
    );
    await kubectl('-n', space, 'create', '-f', other);
    const claims = async () => (await kubectl('-n', space, 'get', 'pvc', '-o', 'name')).trim().split('\n');
    const there = () =>
      eventually(async () => ((await claims()).includes('persistentvolumeclaim/data-db-0') ? true : null), 'the claim');
    const { objects } = deployedBy(await deploy(workOf(space, yaml), ports));
    await there();
    await deleteObjects(kube, { resource: 'web', refs: objects }, { project, wait: true }, ports, never);
    expect(await claims()).toContain('persistentvolumeclaim/data-db-0');
    deployedBy(await deploy(workOf(space, yaml), ports));
    await there();
    const gone = await deleteObjects(
      kube,
      { resource: 'web', refs: objects },
      { project, volumes: true, wait: true },
      ports,
      never,
    );
    expect(gone.map(({ name }) => name)).toEqual(['db', 'data-db-0']);
    expect(await claims()).toEqual(['persistentvolumeclaim/data-db-x']);
  });

  it('of a kind that the cluster no longer knows is nothing to do', async () => {
    const ref = { apiVersion: 'gone.sluice.dev/v1', kind: 'Thing', name: 'x', namespace: 'default' };
    expect(await deleteObjects(kube, { resource: 'web', refs: [ref] }, { project }, portsOf({ kube }), never)).toEqual(
      [],
    );
  });
});
