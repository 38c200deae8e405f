// The whole loop on a real cluster: up, save, restart unchanged, down.
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { cluster, docker } from '../../support/capability.ts';
import { kubectl } from '../../support/cluster/cluster.ts';
import { drive } from '../../support/drive.ts';
import { page, serves } from '../../support/facts.ts';
import { sluice } from '../../support/sluice.ts';
import { writeFiles } from '../../support/temp.ts';
import { clusterProject, workload } from './project.ts';

const podsOf = async (namespace: string) =>
  (await kubectl('-n', namespace, 'get', 'pods', '-o', 'name', '--field-selector=status.phase=Running'))
    .trim()
    .split('\n');

describe.skipIf(!docker || !cluster)('a project on a cluster', () => {
  it('comes up, and a saved file is served by a new pod through the same forwarded port', async () => {
    const { dir, namespace, port, url, args } = await clusterProject('up');
    const session = drive(dir, args);
    const up = await session.idle();
    expect(up.resources.web).toMatchObject({
      kind: 'kubernetes',
      update: { status: 'ok' },
      runtime: { status: 'ready' },
    });
    await session.until(
      (state) => state.resources.web?.endpoints.some((each) => each.includes(`:${port}`)) === true,
      'the forward is an endpoint',
    );
    expect(await page(url)).toBe('first page');
    const [before] = await podsOf(namespace);

    // Asked all the time while the new pod comes: whoever connects is served, nobody refused.
    const text = `second page ${randomBytes(4).toString('hex')}`;
    const saved = session.save('web/www/index.html', text);
    const refused: string[] = [];
    let isOver = false;
    const asking = (async () => {
      while (!isOver) await page(url).catch((error) => refused.push(String(error.cause?.code ?? error)));
    })();
    const state = await saved;
    await serves(url, text);
    isOver = true;
    await asking;
    expect(state.changes.live).toBe(state.changes.seen);
    expect(refused.filter((reason) => reason.includes('ECONNREFUSED'))).toEqual([]);
    expect(await podsOf(namespace)).not.toContain(before);
    await session.stop();
    // What was deployed goes on without us.
    expect(await podsOf(namespace)).toHaveLength(1);
  });

  it('labels everything with its resource and the session', async () => {
    const { dir, namespace, args } = await clusterProject('labels');
    const session = drive(dir, args);
    await session.idle();
    const runId = session.records.session?.runId;
    const labelled = await kubectl(
      '-n',
      namespace,
      'get',
      'deployments,pods',
      '-l',
      `sluice-resource=web,sluice-runid=${runId}`,
      '-o',
      'name',
    );
    expect(labelled.trim().split('\n')).toHaveLength(2);
    await session.stop();
  });

  it('started again with nothing changed it builds nothing and changes nothing', async () => {
    const { dir, namespace, args } = await clusterProject('again');
    expect(await sluice(dir, ['up', '--once', '--plain', ...args])).toMatchObject({ code: 0 });
    await kubectl('-n', namespace, 'rollout', 'status', 'deployment/web', '--timeout=60s');
    const versions = () =>
      kubectl(
        '-n',
        namespace,
        'get',
        'deployments,replicasets,pods',
        '-o',
        'jsonpath={range .items[*]}{.kind} {.metadata.name} {.metadata.resourceVersion}{"\\n"}{end}',
      );
    const before = await versions();
    const session = drive(dir, args);
    const state = await session.idle();
    expect(state.resources.web).toMatchObject({ update: { status: 'ok' }, runtime: { status: 'ready' } });
    expect(await versions()).toBe(before);
    expect(session.logs.filter((line) => line.source === 'build' && /Step|FROM/.test(line.text))).toEqual([]);
    await session.stop();
  });

  it('down deletes what up made, and nothing else', async () => {
    const { dir, namespace, image, args } = await clusterProject('down');
    writeFiles(dir, {
      'k8s/config.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {a: "1"}\n',
    });
    writeFiles(dir, { 'k8s/other.yaml': workload('other', image) });
    await kubectl('-n', namespace, 'create', 'configmap', 'not-ours', '--from-literal=a=1');
    expect(await sluice(dir, ['up', '--once', '--plain', ...args])).toMatchObject({ code: 0 });
    const made = async () =>
      (await kubectl('-n', namespace, 'get', 'deployments,configmaps', '-o', 'name')).trim().split('\n').sort();
    const root = 'configmap/kube-root-ca.crt';
    expect(await made()).toEqual([
      root,
      'configmap/not-ours',
      'configmap/settings',
      'deployment.apps/other',
      'deployment.apps/web',
    ]);
    expect(await sluice(dir, ['down', ...args])).toMatchObject({ code: 0 });
    expect(await made()).toEqual([root, 'configmap/not-ours']);
    // Twice is no mistake.
    expect(await sluice(dir, ['down', ...args])).toMatchObject({ code: 0 });
  });
});
