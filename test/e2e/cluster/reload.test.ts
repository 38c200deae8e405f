// Manifests and configuration edited while a session runs on a cluster.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cluster, docker } from '../../support/capability.ts';
import { kubectl } from '../../support/cluster/cluster.ts';
import { drive } from '../../support/drive.ts';
import { eventually, freePort, page, serves } from '../../support/facts.ts';
import { clusterProject, workload } from './project.ts';

describe.skipIf(!docker || !cluster)('a reload', () => {
  it('deploys a changed manifest, adds a new workload, removes a deleted one, and leaves the others alone', async () => {
    const { dir, namespace, image, args } = await clusterProject('reload');
    const session = drive(dir, args);
    await session.idle();
    const pod = session.resource('web').runtime.pods[0]?.name;
    writeFileSync(join(dir, 'k8s/other.yaml'), workload('other', image));
    await session.until((state) => state.resources.other?.runtime.status === 'ready' && state.idle, 'other is ready');
    expect(session.resource('web').runtime.pods.map(({ name }) => name)).toEqual([pod]);

    writeFileSync(join(dir, 'k8s/other.yaml'), workload('other', image, '          env: [{name: MODE, value: "2"}]'));
    const mode = [
      '-n',
      namespace,
      'get',
      'deployment',
      'other',
      '-o',
      'jsonpath={.spec.template.spec.containers[0].env[0].value}',
    ];
    await eventually(async () => ((await kubectl(...mode)) === '2' ? true : null), 'the new setting is deployed');
    await session.idle();

    rmSync(join(dir, 'k8s/other.yaml'));
    await session.until((state) => state.resources.other === undefined && state.idle, 'other is gone from the state');
    await eventually(
      async () =>
        (await kubectl('-n', namespace, 'get', 'deployments', '-o', 'name')).includes('other') ? null : true,
      'other is gone from the cluster',
    );
    expect(session.resource('web').runtime.pods.map(({ name }) => name)).toEqual([pod]);
    await session.stop();
  });

  it('moves a forwarded port without touching the pod', async () => {
    const { dir, url, port, config, args } = await clusterProject('ports');
    const session = drive(dir, args);
    await session.idle();
    const pod = session.resource('web').runtime.pods[0]?.name;
    const other = await freePort();
    writeFileSync(join(dir, 'sluice.yaml'), config().replace(`"${port}:8080"`, `"${other}:8080"`));
    await serves(`http://127.0.0.1:${other}/`, 'first page');
    await eventually(
      () =>
        page(url).then(
          () => null,
          () => true,
        ),
      'the old port is closed',
    );
    expect(session.resource('web').runtime.pods.map(({ name }) => name)).toEqual([pod]);
    await session.stop();
  });
});
