// Whose is what, with two projects in one namespace; and what goes before what when it is taken down.
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { cluster } from '../support/capability.ts';
import { kubectl, namespace } from '../support/cluster/cluster.ts';
import { sluice } from '../support/sluice.ts';
import { tempProject, writeFiles } from '../support/temp.ts';

const workload = (name: string, app = name) => `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}}
spec:
  replicas: 0
  selector: {matchLabels: {app: ${app}}}
  template:
    metadata: {labels: {app: ${app}}}
    spec: {containers: [{name: main, image: sluice-none}]}
`;
const settings = (owner: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {owner: "${owner}"}\n`;
const config = (more = '') => `${more}kubernetes: {manifests: ["k8s/*.yaml"], allow: [sluice-test]}\n`;
const once = ['ci', '--stable', '0s', '--timeout', '60s'];

describe.skipIf(!cluster)('two projects in one namespace', () => {
  it('do not touch what is the other one’s, in any command', async () => {
    const space = await namespace('two');
    const root = tempProject();
    const project = (dir: string, owner: string) => {
      const files = { 'sluice.yaml': config(), 'k8s/all.yaml': `${settings(owner)}---\n${workload('web', owner)}` };
      writeFiles(root, Object.fromEntries(Object.entries(files).map(([path, text]) => [`${dir}/app/${path}`, text])));
      return `${root}/${dir}/app`;
    };
    const [mine, theirs] = [project('me ä 1', 'me'), project('you', 'you')];
    const uid = () => kubectl('-n', space, 'get', 'deployment', 'web', '-o', 'jsonpath={.metadata.uid}');
    expect(await sluice(mine, [...once, '-n', space])).toMatchObject({ code: 0 });
    const before = await uid();
    const refused = await sluice(theirs, [...once, '-n', space]);
    expect(refused.code).toBe(4);
    expect(refused.stderr).toContain(`belongs to project app (${mine})`);
    expect(await sluice(theirs, [...once, '-n', space, '--adopt'])).toMatchObject({ code: 4 });
    const down = await sluice(theirs, ['down', '-n', space, '--volumes', '--namespaces']);
    expect(down).toMatchObject({ code: 0, stdout: expect.stringContaining('nothing to take down') });
    expect(await uid()).toBe(before);
    expect(await kubectl('-n', space, 'get', 'configmap', 'settings', '-o', 'jsonpath={.data.owner}')).toBe('me');
    expect(await sluice(mine, ['down', '-n', space])).toMatchObject({ code: 0 });
    expect(await kubectl('-n', space, 'get', 'deployments', '-o', 'name')).toBe('');
  });

  it('are one where both are given the same name, also for a down without notes', async () => {
    const space = await namespace('clone');
    const files = {
      'sluice.yaml': config('project: shop\n'),
      'k8s/all.yaml': `${settings('a')}---\n${workload('web')}`,
    };
    const [one, clone] = [tempProject(files), tempProject(files)];
    expect(await sluice(one, [...once, '-n', space])).toMatchObject({ code: 0 });
    expect(await sluice(clone, [...once, '-n', space])).toMatchObject({ code: 0 });
    // A clone that never deployed, whose manifests have lost the workload.
    const fresh = tempProject({ ...files, 'k8s/all.yaml': settings('a') });
    const down = await sluice(fresh, ['down', '-n', space]);
    expect(down.code).toBe(0);
    expect(await kubectl('-n', space, 'get', 'deployments', '-o', 'name')).toBe('');
  });
});

describe.skipIf(!cluster)('down', () => {
  it('goes against the needs, also where the configuration is broken and nothing is remembered', async () => {
    const space = await namespace('needs');
    const yaml = `${config('project: needs\n')}resources: {api: {needs: [migrate]}, migrate: {needs: [db]}}\n`;
    const dir = tempProject({
      'sluice.yaml': yaml,
      'k8s/all.yaml': ['api', 'db', 'migrate'].map((name) => workload(name)).join('---\n'),
    });
    const order = ['api', 'migrate', 'db'].map((name) => `${name}: deleted deployment/${name} in namespace ${space}`);
    expect(await sluice(dir, [...once, '-n', space])).toMatchObject({ code: 0 });
    expect((await sluice(dir, ['down', '-n', space])).stdout.trim().split('\n')).toEqual(order);
    expect(await sluice(dir, [...once, '-n', space])).toMatchObject({ code: 0 });
    rmSync(`${dir}/.sluice`, { recursive: true });
    writeFiles(dir, { 'sluice.yaml': `${yaml}nonsense: true\n` });
    const broken = await sluice(dir, ['down', '-n', space]);
    expect(broken.stderr).toContain('nonsense');
    expect(broken.stdout.trim().split('\n')).toEqual(order);
  });

  it('keeps a definition under which somebody has stored something, and takes the rest', async () => {
    const space = await namespace('crd');
    const group = `t${randomBytes(3).toString('hex')}.sluice.dev`;
    onTestFinished(() => kubectl('delete', 'crd', `things.${group}`, '--ignore-not-found').then(() => {}));
    const definition = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.${group}}
spec:
  group: ${group}
  scope: Namespaced
  names: {plural: things, singular: thing, kind: Thing, listKind: ThingList}
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
`;
    const thing = (name: string) => `apiVersion: ${group}/v1\nkind: Thing\nmetadata: {name: ${name}}\n`;
    const all = [workload('web'), definition, thing('ours')].join('---\n');
    const dir = tempProject({ 'sluice.yaml': config(), 'k8s/all.yaml': all, 'theirs.yaml': thing('theirs') });
    expect(await sluice(dir, [...once, '-n', space])).toMatchObject({ code: 0 });
    await kubectl('-n', space, 'create', '-f', `${dir}/theirs.yaml`);
    const things = () => kubectl('-n', space, 'get', `things.${group}`, '-o', 'name');
    // It leaves the manifests, and with it all that belongs to no workload.
    writeFiles(dir, { 'k8s/all.yaml': workload('web') });
    const left = await sluice(dir, [...once, '-n', space]);
    expect(left).toMatchObject({ code: 4, stderr: expect.stringContaining(`thing/theirs in namespace ${space}`) });
    expect(await things()).toBe(`thing.${group}/theirs\n`);
    writeFiles(dir, { 'k8s/all.yaml': all });
    expect(await sluice(dir, [...once, '-n', space])).toMatchObject({ code: 0 });
    const down = await sluice(dir, ['down', '-n', space]);
    expect(down).toMatchObject({ code: 4, stderr: expect.stringContaining('thing/theirs') });
    expect(down.stdout.split('\n')[0]).toContain('deleted thing/ours');
    expect(await things()).toBe(`thing.${group}/theirs\n`);
    await kubectl('-n', space, 'delete', `things.${group}`, 'theirs');
    expect(await sluice(dir, ['down', '-n', space])).toMatchObject({ code: 0 });
    expect(await kubectl('get', 'crd', `things.${group}`, '--ignore-not-found')).toBe('');
  });

  it('takes a namespace of its own only where nobody else has something in it', async () => {
    const space = await namespace('home');
    const own = `${space}-own`;
    onTestFinished(() => kubectl('delete', 'namespace', own, '--ignore-not-found', '--wait=false').then(() => {}));
    const inside = settings('me').replace('settings}', `settings, namespace: ${own}}`);
    const dir = tempProject({
      'sluice.yaml': config(),
      'k8s/all.yaml': `apiVersion: v1\nkind: Namespace\nmetadata: {name: ${own}}\n---\n${inside}`,
    });
    expect(await sluice(dir, [...once, '-n', space])).toMatchObject({ code: 0 });
    await kubectl('-n', own, 'create', 'configmap', 'theirs');
    const refused = await sluice(dir, ['down', '-n', space, '--namespaces']);
    expect(refused).toMatchObject({ code: 4, stderr: expect.stringContaining(`configmap/theirs in namespace ${own}`) });
    await kubectl('-n', own, 'delete', 'configmap', 'theirs');
    expect(await sluice(dir, ['down', '-n', space, '--namespaces'])).toMatchObject({ code: 0 });
    expect(await kubectl('get', 'namespace', own, '--ignore-not-found')).toBe('');
  });
});
