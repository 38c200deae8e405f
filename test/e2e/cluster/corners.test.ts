// Less common ways of running an image and of bringing a save into it: a StatefulSet, a probe that never passes, a right that
// lacks, a variable that names the image, objects that helm has made.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { cluster, docker, kubeconfig } from '../../support/capability.ts';
import { kubectl, namespace } from '../../support/cluster/cluster.ts';
import { drive } from '../../support/drive.ts';
import { serves } from '../../support/facts.ts';
import { sluice } from '../../support/sluice.ts';
import { tempProject, writeFiles } from '../../support/temp.ts';
import { allHold, podsOf } from '../live/project.ts';
import { clusterProject, workload } from './project.ts';

const sync = '    live:\n      - sync: {from: ./web/www, to: /www}\n';

describe.skipIf(!docker || !cluster)('a StatefulSet whose process is restarted in place', () => {
  it('is not live while its probe does not pass, and is with the next save; what names its image follows', async () => {
    const image = `${sync}      - restart: process\n    at: [{env: SELF}]\n`;
    const project = await clusterProject('corners', { image });
    const { dir, namespace: space, args } = project;
    const serving = 'exec httpd -f -p 8080 -h /www';
    const text = workload('web', project.image, `          env: [{name: SELF, value: ${project.image}}]`)
      .replace('kind: Deployment', 'kind: StatefulSet')
      .replace('spec:\n', 'spec:\n  replicas: 2\n  serviceName: web\n');
    const dockerfile = 'FROM sluice-test/busybox:1\nCOPY www /www\nCMD ["sh", "/www/run.sh"]\n';
    writeFiles(dir, { 'k8s/web.yaml': text, 'web/Dockerfile': dockerfile, 'web/www/run.sh': `${serving}\n` });
    const session = drive(dir, args);
    await session.idle();
    const pods = await podsOf(space);
    const named = () =>
      kubectl(
        '-n',
        space,
        'get',
        'statefulset',
        'web',
        '-o',
        'jsonpath={..containers[0].env[0].value} {..containers[0].image}',
      );
    const [before, as] = (await named()).split(' ');
    expect(before).toBe(as);

    writeFiles(dir, { 'web/www/run.sh': 'exec sleep 10000\n' });
    await allHold(space, 2, '/www/run.sh', 'exec sleep 10000\n');
    await session.until(({ resources: { web } }) => web?.runtime.status === 'pending', 'its probe is heard');
    const waited = await sluice(dir, ['wait', '--fresh', '--timeout', '8s'], { env: session.env });
    expect([waited.code, waited.stderr]).toEqual([6, expect.stringContaining('web (')]);
    expect(session.state.changes.live).toBeLessThan(session.state.changes.seen);
    expect(session.resource('web').update.status).toBe('ok');

    writeFiles(dir, { 'web/www/run.sh': `: better\n${serving}\n` });
    await session.until(({ changes: { live, seen } }) => seen > 1 && live === seen, 'the next save is live', 120_000);
    expect(await podsOf(space)).toEqual(pods);
    expect(session.resource('web').update.strategy).toBe('synclet');

    await session.save('web/Dockerfile', `${dockerfile}LABEL again=1\n`);
    const [after, now] = (await named()).split(' ');
    expect([after, after === before]).toEqual([now, false]);

    // A container that ends is replaced, and would lose its files.
    writeFiles(dir, {
      'sluice.yaml': project.config({ image: image.replace('restart: process', 'restart: container') }),
    });
    await session.until(({ idle, resources: { web } }) => idle && web?.update.status === 'ok', 'the rule is read');
    writeFiles(dir, { 'web/www/run.sh': `: best\n${serving}\n` });
    const refused = await session.until(
      ({ resources: { web } }) => web?.update.problem?.code === 'S704',
      'it is refused',
    );
    expect(refused.resources.web?.update.problem?.at).toMatchObject({ line: 6 });
    await session.stop();
  });
});

describe.skipIf(!docker || !cluster)('a process that is restarted behind a slow readiness probe', () => {
  it.each(['tcpSocket: {port: 8080}', 'httpGet: {port: 8080, path: /}'])(
    '%s: is live as soon as it passes',
    async (probe) => {
      const project = await clusterProject('probed', { image: `${sync}      - restart: process\n` });
      const { dir, args, url } = project;
      const text = workload('web', project.image).replace(/readinessProbe: .*/, `readinessProbe: {${probe}}`);
      writeFiles(dir, { 'k8s/web.yaml': text });
      const session = drive(dir, args);
      await session.idle();
      writeFiles(dir, { 'web/www/index.html': 'second page' });
      await session.until(
        ({ resources: { web } }) => web?.runtime.text === 'restarted, not ready yet',
        'it is on trial',
      );
      // By its kubelet alone this takes 31 s: three failures, ten seconds apart, would have shown by then.
      await session.until(({ changes: { live, seen } }) => seen > 0 && live === seen, 'the save is live', 15_000);
      await serves(url, 'second page');
      await session.stop();
    },
  );
});

describe.skipIf(!docker || !cluster)('a user who may not run commands in pods', () => {
  it('gets a new image with each save, and the right that lacks is named', async () => {
    const {
      dir,
      namespace: space,
      url,
      args,
      image,
    } = await clusterProject('noexec', {
      image: sync,
      kubernetes: '  registry: localhost:5000',
    });
    await kubectl('-n', space, 'create', 'serviceaccount', 'dev');
    const kinds = 'pods,services,events,deployments.apps,replicasets.apps,endpointslices.discovery.k8s.io';
    const more = ',pods/log,pods/portforward';
    await kubectl('-n', space, 'create', 'role', 'dev', '--verb=*', `--resource=${kinds}${more}`);
    await kubectl('-n', space, 'create', 'rolebinding', 'dev', '--role=dev', `--serviceaccount=${space}:dev`);
    const access = parse(readFileSync(kubeconfig, 'utf8'));
    for (const { context } of access.contexts) context.user = 'dev';
    const user = { name: 'dev', user: { token: (await kubectl('-n', space, 'create', 'token', 'dev')).trim() } };
    writeFiles(dir, { kubeconfig: stringify({ ...access, users: [user] }), 'k8s/web.yaml': workload('web', image) });
    const session = drive(dir, args, { env: { KUBECONFIG: `${dir}/kubeconfig` } });
    await session.idle();
    const pods = await podsOf(space);
    const state = await session.save('web/www/index.html', 'by image');
    expect(state.resources.web?.update.why.join('\n')).toMatch(/not allowed to create pods\/exec/);
    await serves(url, 'by image');
    expect(await podsOf(space)).not.toEqual(pods);
    await session.stop();
  });
});

/** As helm 3 leaves them: marks on each object, and its own record of the release. */
const byHelm = (name: string) => ({
  labels: { 'app.kubernetes.io/managed-by': 'Helm' },
  annotations: { 'meta.helm.sh/release-name': name, 'meta.helm.sh/release-namespace': 'default' },
});

describe.skipIf(!cluster)('objects that helm has made', () => {
  it('are refused, and taken over with --adopt; the record of the release stays', async () => {
    const space = await namespace('byhelm');
    const object = (name: string, marks: object, data: object) =>
      stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...marks }, data });
    const release = stringify({
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'helm.sh/release.v1',
      metadata: {
        name: 'sh.helm.release.v1.db.v1',
        labels: { name: 'db', owner: 'helm', status: 'deployed', version: '1' },
      },
      stringData: { release: 'H4sIAAAA' },
    });
    const dir = tempProject({
      'sluice.yaml': 'kubernetes:\n  manifests: [k8s/*.yaml]\n  allow: [sluice-test]\n',
      'k8s/settings.yaml': object('settings', {}, { ours: 'indeed' }),
      'theirs.yaml': `${object('settings', byHelm('db'), { theirs: 'indeed' })}---\n${release}`,
    });
    await kubectl('-n', space, 'apply', '--server-side', '--field-manager=helm', '-f', `${dir}/theirs.yaml`);
    const record = [
      '-n',
      space,
      'get',
      'secret',
      'sh.helm.release.v1.db.v1',
      '-o',
      'jsonpath={.metadata.resourceVersion}',
    ];
    const before = await kubectl(...record);
    const refused = await sluice(dir, ['up', '--once', '-n', space]);
    expect([refused.code, refused.stderr]).toEqual([4, expect.stringMatching(/not made by sluice[\s\S]*--adopt/)]);
    expect((await sluice(dir, ['up', '--once', '-n', space, '--adopt'])).code).toBe(0);
    const settings = JSON.parse(await kubectl('-n', space, 'get', 'configmap', 'settings', '-o', 'json'));
    expect(settings.data).toEqual({ ours: 'indeed' });
    expect(settings.metadata.labels).toMatchObject({ 'sluice-resource': 'uncategorized' });
    expect(settings.metadata.annotations ?? {}).not.toHaveProperty(['meta.helm.sh/release-name']);
    expect(await kubectl(...record)).toBe(before);
    expect((await sluice(dir, ['down', '-n', space])).code).toBe(0);
    expect(await kubectl(...record)).toBe(before);
  });
});
