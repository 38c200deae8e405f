// Sessions one after the other on one project and a real cluster: what one deployed and the manifests lost, the next takes out.
import { describe, expect, it } from 'vitest';
import { cluster } from '../../support/capability.ts';
import { kubectl, namespace } from '../../support/cluster/cluster.ts';
import { busyboxImage } from '../../support/docker/images.ts';
import { drive } from '../../support/drive.ts';
import { eventually } from '../../support/facts.ts';
import { sluice } from '../../support/sluice.ts';
import { tempProject, writeFiles } from '../../support/temp.ts';
import { docker, imageName } from '../real.ts';

const settings = 'kubernetes: {manifests: ["k8s/*.yaml"], allow: [sluice-test]}\n';
const config = (name: string, value = '1') =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {a: "${value}"}\n`;
const set = (name: string, uses: string) => `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}}
spec:
  replicas: 0
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec: {containers: [{name: c, image: sluice-none, envFrom: [{configMapRef: {name: ${uses}}}]}]}
`;

describe.skipIf(!cluster)('a project whose manifests changed while no session ran', () => {
  const made = async (space: string) =>
    (await kubectl('-n', space, 'get', 'deployments,configmaps,jobs', '-o', 'name'))
      .split('\n')
      .filter((line) => line !== '' && !line.includes('kube-root-ca'))
      .sort();
  const up = (dir: string, space: string) => sluice(dir, ['up', '--once', '--plain', '-n', space]);

  it('loses objects and whole resources at the next start, and keeps what others made', async () => {
    const space = await namespace('lost');
    const dir = tempProject({
      'sluice.yaml': settings,
      'k8s/web.yaml': `${set('web', 'web')}---\n${config('web')}`,
      'k8s/db.yaml': `${set('db', 'db')}---\n${config('db')}`,
      'k8s/rest.yaml': `${config('rest')}---\n${config('shared')}`,
    });
    await kubectl('-n', space, 'create', 'configmap', 'theirs');
    expect(await up(dir, space)).toMatchObject({ code: 0 });
    expect(await made(space)).toHaveLength(7);
    // `db` is no resource any more, but its ConfigMap stays as an object of its own; `web` loses one.
    writeFiles(dir, {
      'k8s/web.yaml': set('web', 'rest'),
      'k8s/db.yaml': config('db'),
      'k8s/rest.yaml': config('rest'),
    });
    expect(await up(dir, space)).toMatchObject({ code: 0 });
    expect(await made(space)).toEqual(['configmap/db', 'configmap/rest', 'configmap/theirs', 'deployment.apps/web']);
  });

  it('is taken down with all that was ever deployed', async () => {
    const space = await namespace('down-lost');
    const dir = tempProject({
      'sluice.yaml': settings,
      'k8s/web.yaml': set('web', 'x'),
      'k8s/db.yaml': set('db', 'x'),
    });
    expect(await up(dir, space)).toMatchObject({ code: 0 });
    writeFiles(dir, { 'k8s/db.yaml': config('new') });
    expect(await sluice(dir, ['down', '-n', space])).toMatchObject({ code: 0 });
    expect(await made(space)).toEqual([]);
    expect(await sluice(dir, ['down', '-n', space])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('nothing'),
    });
  });

  it('knows the volumes that stayed behind until they are to go', async () => {
    const space = await namespace('volumes');
    const claim = (name: string) =>
      `apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: ${name}}\nspec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}, storageClassName: none}\n`;
    const claims = async () => (await kubectl('-n', space, 'get', 'pvc', '-o', 'name')).trim();
    const dir = tempProject({
      'sluice.yaml': settings,
      'k8s/web.yaml': `${set('web', 'x')}---\n${claim('web')}`,
      'k8s/rest.yaml': `${config('rest')}---\n${claim('old')}`,
    });
    expect(await up(dir, space)).toMatchObject({ code: 0 });
    writeFiles(dir, { 'k8s/web.yaml': config('web'), 'k8s/rest.yaml': config('rest') });
    expect(await up(dir, space)).toMatchObject({ code: 0 });
    expect(await sluice(dir, ['down', '-n', space])).toMatchObject({ code: 0 });
    expect(await claims()).toBe('persistentvolumeclaim/old\npersistentvolumeclaim/web');
    expect(await sluice(dir, ['down', '--volumes', '-n', space])).toMatchObject({ code: 0 });
    expect(await claims()).toBe('');
  });

  it('does not lose what another configuration file of the directory deployed', async () => {
    const space = await namespace('two-files');
    const dir = tempProject({
      'sluice.yaml': settings,
      'other.yaml': settings.replace('k8s', 'other'),
      'k8s/web.yaml': set('web', 'x'),
      'other/db.yaml': set('db', 'x'),
    });
    expect(await up(dir, space)).toMatchObject({ code: 0 });
    expect(await sluice(dir, ['up', '--once', '--plain', '-n', space, '-f', 'other.yaml'])).toMatchObject({ code: 0 });
    expect(await made(space)).toEqual(['deployment.apps/db', 'deployment.apps/web']);
  });

  it('takes out what a running session loses', async () => {
    const space = await namespace('losing');
    const dir = tempProject({
      'sluice.yaml': settings,
      'k8s/web.yaml': `${set('web', 'web')}---\n${config('web')}`,
      'k8s/db.yaml': set('db', 'x'),
    });
    const session = drive(dir, ['-n', space]);
    await session.idle();
    writeFiles(dir, { 'k8s/web.yaml': set('web', 'web'), 'k8s/db.yaml': config('other') });
    await eventually(
      async () => ((await made(space)).join() === 'configmap/other,deployment.apps/web' ? true : null),
      'what is no longer in the manifests is gone',
    );
    await session.stop();
  });
});

describe.skipIf(!cluster)('a Job that the cluster takes away when it is done', () => {
  it('is not run again by the next session, until its manifest changes', { timeout: 120_000 }, async () => {
    const space = await namespace('ttl');
    const base = await busyboxImage();
    const image = `localhost:5000/${imageName('ttl')}:1`;
    await docker('tag', base, image);
    await docker('push', '-q', image);
    const job = (args: string) => `apiVersion: batch/v1
kind: Job
metadata: {name: once}
spec:
  ttlSecondsAfterFinished: 1
  template:
    spec:
      restartPolicy: Never
      containers: [{name: c, image: "${image}", command: ["sh", "-c", "exit 0 # ${args}"]}]
`;
    const dir = tempProject({ 'sluice.yaml': settings, 'k8s/job.yaml': job('one') });
    const up = () => sluice(dir, ['up', '--once', '--plain', '-n', space]);
    const gone = () =>
      eventually(
        async () => ((await kubectl('-n', space, 'get', 'jobs', '-o', 'name')) === '' ? true : null),
        'the cluster has taken the Job away',
      );
    const started = async () =>
      (await kubectl('-n', space, 'get', 'events', '--field-selector=reason=SuccessfulCreate', '-o', 'name'))
        .split('\n')
        .filter((line) => line !== '').length;
    expect(await up()).toMatchObject({ code: 0 });
    await gone();
    expect(await started()).toBe(1);
    expect(await up()).toMatchObject({ code: 0, stdout: expect.stringContaining('unchanged') });
    expect(await started()).toBe(1);
    writeFiles(dir, { 'k8s/job.yaml': job('two') });
    expect(await up()).toMatchObject({ code: 0 });
    expect(await started()).toBe(2);
  });
});
