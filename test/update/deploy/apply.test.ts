import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { connectKube } from '../../../src/adapters/kube/index.ts';
import { limits } from '../../../src/model/limits.ts';
import type { KubePort } from '../../../src/model/ports.ts';
import { projectOf } from '../../../src/model/project.ts';
import { cluster, kubeconfig } from '../../support/capability.ts';
import { kubectl, namespace } from '../../support/cluster/cluster.ts';
import { eventually } from '../../support/facts.ts';
import { deploy, deployedBy, portsOf, realKube, said, workOf } from '../real.ts';

const config = (value: string, more = '') =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings${more}}\ndata: {a: "${value}"}\n`;
const workload = (kind: string, more = '', template = '') => `apiVersion: apps/v1
kind: ${kind}
metadata: {name: web}
spec:
  replicas: 0
  selector: {matchLabels: {app: web}}
  ${more}
  template:
    metadata: {labels: {app: web}}
    spec:
      terminationGracePeriodSeconds: 0
      containers: [{name: web, image: sluice-none ${template}}]
`;

describe.skipIf(!cluster)('applying an object', () => {
  let kube: KubePort;
  beforeAll(async () => {
    kube = await connectKube({ kubeconfig, context: 'sluice-test' });
    return () => kube.close();
  });
  const get = (space: string, what: string, path: string) =>
    kubectl('-n', space, 'get', what, '-o', `jsonpath={${path}}`);

  it('that is unchanged keeps its version and the run id of the session that made it', async () => {
    const space = await namespace('same');
    const ports = portsOf({ kube });
    const yaml = `${workload('Deployment')}---\n${config('1')}`;
    expect(await deploy(workOf(space, yaml), ports)).toMatchObject({ is: 'ok', result: { unchanged: false } });
    // The controller writes its status a few times more: after this it has nothing to add.
    const settled = '{.status.conditions[?(@.type=="Progressing")].reason}=NewReplicaSetAvailable';
    await kubectl('-n', space, 'wait', 'deployment/web', `--for=jsonpath=${settled}`, '--timeout=60s');
    const version = (what: string) => get(space, what, '.metadata.resourceVersion');
    const versions = () => Promise.all(['deployment/web', 'configmap/settings'].map(version));
    const before = await versions();
    const again = await deploy(workOf(space, yaml, [], { runId: 'second-session' }), ports);
    expect(again).toMatchObject({ is: 'ok', result: { unchanged: true, strategy: 'unchanged' } });
    expect(await versions()).toEqual(before);
    expect(await get(space, 'deployment/web', '.metadata.labels.sluice-runid')).toBe('first-session');
  });

  it('with more replicas alone rolls no pod', async () => {
    const space = await namespace('scale');
    const ports = portsOf({ kube });
    await deploy(workOf(space, workload('Deployment')), ports);
    const runId = () => get(space, 'deployment/web', '.spec.template.metadata.labels.sluice-runid');
    const more = workload('Deployment').replace('replicas: 0', 'paused: true\n  replicas: 1');
    expect(await deploy(workOf(space, more, [], { runId: 'second-session' }), ports)).toMatchObject({ is: 'ok' });
    expect(await runId()).toBe('first-session');
    expect(await get(space, 'deployment/web', '.metadata.labels.sluice-runid')).toBe('second-session');
    const other = more.replace('sluice-none', 'sluice-other');
    expect(await deploy(workOf(space, other, [], { runId: 'third-session' }), ports)).toMatchObject({ is: 'ok' });
    expect(await runId()).toBe('third-session');
  });

  it('puts back what somebody changed by hand', async () => {
    const space = await namespace('drift');
    const ports = portsOf({ kube });
    await deploy(workOf(space, config('ours')), ports);
    await kubectl('-n', space, 'patch', 'configmap', 'settings', '-p', '{"data":{"a":"by hand"}}');
    expect(await deploy(workOf(space, config('ours')), ports)).toMatchObject({
      is: 'ok',
      result: { unchanged: false },
    });
    expect(await get(space, 'configmap/settings', '.data.a')).toBe('ours');
  });

  it('among many is asked for singly where a list does not show it to be unchanged', async () => {
    const space = await namespace('many');
    const names = Array.from({ length: 30 }, (_, i) => `c${String(i).padStart(2, '0')}`);
    const yaml = names.map((name) => config('ours').replace('settings', name)).join('---\n');
    /** A session of its own. */
    const session = async () => {
      const own = await realKube();
      const [asked, applied] = [vi.fn(own.get), vi.fn(own.apply)];
      const outcome = await deploy(workOf(space, yaml), portsOf({ kube: { ...own, get: asked, apply: applied } }));
      const refs = applied.mock.calls.map(([{ metadata }]) => metadata.name).sort();
      return { outcome, asked: asked.mock.calls.length, applied: refs };
    };
    expect((await session()).applied).toEqual(names);
    const unchanged = { is: 'ok', result: { unchanged: true } };
    expect(await session()).toMatchObject({ outcome: unchanged, asked: limits.askedSingly, applied: [] });
    await kubectl('-n', space, 'patch', 'configmap', 'c27', '-p', '{"data":{"a":"by hand"}}');
    await kubectl('-n', space, 'delete', 'configmap', 'c28');
    const changed = { is: 'ok', result: { unchanged: false } };
    const mended = { outcome: changed, asked: limits.askedSingly + 2, applied: ['c27', 'c28'] };
    expect(await session()).toMatchObject(mended);
    expect(await get(space, 'configmap/c27', '.data.a')).toBe('ours');
    // Of somebody else by now: it is not in the list, and not ours to touch.
    await kubectl('-n', space, 'label', 'configmap', 'c29', 'sluice-project-', 'sluice-resource-');
    expect(await session()).toMatchObject({ outcome: { is: 'failed', problem: { code: 'S362' } }, applied: [] });
  });

  describe('that is there already', () => {
    const settings = async (space: string) =>
      JSON.parse(await kubectl('-n', space, 'get', 'configmap', 'settings', '-o', 'json'));
    const refused = (code: string, what: RegExp) => ({
      is: 'failed',
      phase: 'deploy',
      problem: { code, kind: 'yours', what: expect.stringMatching(what), at: { file: '/p/k8s.yaml', line: 10 } },
    });
    const adopting = (space: string, yaml: string) => workOf(space, yaml, [], { adopt: true });

    it.each(['apply', 'apply --server-side', 'create'])(
      'by kubectl %s is left alone, until it is to be taken over: with all that was said there',
      async (how) => {
        const space = await namespace('foreign');
        const ports = portsOf({ kube });
        await kubectlSays(space, how, config('theirs').replace('{a:', '{only-theirs: "x", a:'));
        expect(await deploy(workOf(space, config('ours')), ports)).toMatchObject(refused('S362', /not made by sluice/));
        expect((await settings(space)).data).toEqual({ a: 'theirs', 'only-theirs': 'x' });
        expect(await deploy(adopting(space, config('ours')), ports)).toMatchObject({ is: 'ok' });
        const after = await settings(space);
        expect(after.data).toEqual({ a: 'ours' });
        expect(after.metadata.labels).toMatchObject({ 'sluice-resource': 'web', 'sluice-project': 'tests' });
        expect(Object.keys(after.metadata.annotations).filter((key) => !key.startsWith('sluice.dev/'))).toEqual([]);
        expect(said(ports)).toMatch(/configmap\/settings in namespace \S+ is taken over from kubectl/);
      },
    );

    it('of another project is refused by name, also where it is to be taken over', async () => {
      const space = await namespace('project');
      const ports = portsOf({ kube });
      const theirs = { project: projectOf(null, '/home/you/app') };
      expect(await deploy(workOf(space, config('theirs'), [], theirs), ports)).toMatchObject({ is: 'ok' });
      const mine = { project: projectOf(null, '/home/me/app'), adopt: true };
      const refusal = refused(
        'S365',
        /^configmap\/settings in namespace \S+ belongs to project app \(\/home\/you\/app\)/,
      );
      expect(await deploy(workOf(space, config('mine'), [], mine), ports)).toMatchObject(refusal);
      expect(await deploy(workOf(space, config('given')), ports)).toMatchObject({ problem: { code: 'S365' } });
      expect((await settings(space)).data).toEqual({ a: 'theirs' });
    });

    it('because another project made it in the same moment is refused to one of the two, and is whole', async () => {
      const space = await namespace('race');
      const names = ['you', 'me'];
      const owner = async (name: string, yaml: string) => {
        const ports = portsOf({ kube: await realKube() });
        const project = projectOf(null, `/home/${name}/app`);
        return () => deploy(workOf(space, yaml, [], { project }), ports);
      };
      for (let round = 0; round < 20; round++) {
        const yaml = (name: string) => config(name).replace('settings', `r${round}`);
        const sessions = await Promise.all(names.map((name) => owner(name, yaml(name))));
        const outcomes = await Promise.all(sessions.map((begin) => begin()));
        const won = names.filter((_, i) => outcomes[i]?.is === 'ok');
        const lost = outcomes.filter(({ is }) => is === 'failed');
        expect(won, JSON.stringify(outcomes)).toHaveLength(1);
        expect(lost).toMatchObject([refused('S365', new RegExp(`belongs to project app \\(/home/${won[0]}/app\\)`))]);
        const { data, metadata } = JSON.parse(
          await kubectl('-n', space, 'get', 'configmap', `r${round}`, '-o', 'json'),
        );
        expect(data).toEqual({ a: won[0] });
        expect(JSON.stringify(metadata)).toContain(`/home/${won[0]}/app`);
      }
    });

    it("as a copy of an object of ours is somebody else's", async () => {
      const space = await namespace('copy');
      const ports = portsOf({ kube });
      await deploy(workOf(space, config('ours')), ports);
      const { metadata, ...rest } = await settings(space);
      const { name: _, uid: __, resourceVersion: ___, ...copied } = metadata;
      await kubectlSays(space, 'create', JSON.stringify({ ...rest, metadata: { ...copied, name: 'copy' } }));
      const copy = config('ours').replace('settings', 'copy');
      expect(await deploy(workOf(space, copy), ports)).toMatchObject(refused('S362', /configmap\/copy/));
    });

    it('from an earlier version is ours where this directory remembers it', async () => {
      const space = await namespace('earlier');
      const ports = portsOf({ kube });
      await kubectlSays(space, 'create', config('old', ', labels: {sluice-resource: web}'));
      expect(await deploy(workOf(space, config('new')), ports)).toMatchObject(refused('S362', /earlier version/));
      const remembered = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'settings', namespace: space }];
      expect(await deploy(workOf(space, config('new'), [], { remembered }), ports)).toMatchObject({ is: 'ok' });
      expect((await settings(space)).metadata.labels).toMatchObject({ 'sluice-project': 'tests' });
    });
  });

  it('with a changed field that cannot be changed makes it anew', async () => {
    const space = await namespace('immutable');
    const ports = portsOf({ kube });
    await deploy(workOf(space, workload('Deployment')), ports);
    const before = await get(space, 'deployment/web', '.metadata.uid');
    expect(
      await deploy(workOf(space, workload('Deployment').replaceAll('app: web', 'app: other')), ports),
    ).toMatchObject({
      is: 'ok',
    });
    expect(await get(space, 'deployment/web', '.metadata.uid')).not.toBe(before);
    expect(said(ports)).toContain('cannot be changed in place: it is deleted and made anew');
  });

  it.each([
    ['a definition of a kind', definition, 'scope: Namespaced', 'scope: Cluster'],
    ['a volume claim', claim, 'storageClassName: none', 'storageClassName: other'],
    ['a volume', volume, 'path: /tmp/a', 'path: /tmp/b'],
    [
      'a set whose claims go with it',
      () => workload('StatefulSet', 'serviceName: a\n  persistentVolumeClaimRetentionPolicy: {whenDeleted: Delete}'),
      'serviceName: a',
      'serviceName: b',
    ],
  ])('is refused where that would cost what it holds: %s', async (_, make, from, to) => {
    const space = await namespace('precious');
    const ports = portsOf({ kube });
    const yaml = make();
    const { objects } = deployedBy(await deploy(workOf(space, yaml), ports));
    const { kind = '', name = '' } = objects[0] ?? {};
    const uid = () => get(space, `${kind.toLowerCase()}/${name}`, '.metadata.uid');
    const before = await uid();
    expect(await deploy(workOf(space, yaml.replace(from, to)), ports)).toMatchObject({
      is: 'failed',
      phase: 'deploy',
      problem: { kind: expect.not.stringMatching(/unavailable|timeout/), what: expect.stringContaining(name) },
    });
    expect(await uid()).toBe(before);
  });

  it('gives a StatefulSet the order of pods that its manifest says, or the default', async () => {
    const space = await namespace('set');
    const ports = portsOf({ kube });
    const set = (policy: string) => workload('StatefulSet', `serviceName: web${policy}`);
    const policy = () => get(space, 'statefulset/web', '.spec.podManagementPolicy');
    expect(await deploy(workOf(space, set('')), ports)).toMatchObject({ is: 'ok' });
    expect(await policy()).toBe('OrderedReady');
    expect(await deploy(workOf(space, set('')), ports)).toMatchObject({ is: 'ok', result: { unchanged: true } });
    expect(await deploy(workOf(space, set('\n  podManagementPolicy: Parallel')), ports)).toMatchObject({ is: 'ok' });
    expect(await policy()).toBe('Parallel');
  });

  it('that is being deleted waits until it is gone, then makes it', async () => {
    const space = await namespace('going');
    const ports = portsOf({ kube });
    await deploy(workOf(space, config('1', ', finalizers: [sluice.dev/test]')), ports);
    await kubectl('-n', space, 'delete', 'configmap', 'settings', '--wait=false');
    const deploying = deploy(workOf(space, config('2')), ports);
    await eventually(() => (said(ports).includes('is being deleted: waiting') ? true : null), 'it is waited for');
    await kubectl(
      '-n',
      space,
      'patch',
      'configmap',
      'settings',
      '--type=merge',
      '-p',
      '{"metadata":{"finalizers":null}}',
    );
    expect(await deploying).toMatchObject({ is: 'ok' });
    expect(await get(space, 'configmap/settings', '.data.a')).toBe('2');
  });

  it('can be cancelled while it waits', async () => {
    const space = await namespace('cancel');
    const ports = portsOf({ kube });
    await deploy(workOf(space, config('1', ', finalizers: [sluice.dev/test]')), ports);
    await kubectl('-n', space, 'delete', 'configmap', 'settings', '--wait=false');
    const stop = new AbortController();
    const deploying = deploy(workOf(space, config('2')), ports, stop.signal);
    await eventually(() => (said(ports).includes('is being deleted: waiting') ? true : null), 'it is waited for');
    stop.abort();
    expect(await deploying).toMatchObject({ is: 'cancelled' });
    await kubectl(
      '-n',
      space,
      'patch',
      'configmap',
      'settings',
      '--type=merge',
      '-p',
      '{"metadata":{"finalizers":null}}',
    );
  });

  it.each([
    ['an unknown field', 'S312', `${config('1')}datta: {}\n`, /datta/],
    ['a wrong value', 'S311', workload('Deployment').replace('replicas: 0', 'replicas: -1'), /replicas/],
    ['more than the cluster takes', 'S315', config('x'.repeat(3_500_000)), /too large|limit/i],
    ['an unknown kind', 'S313', 'apiVersion: none.sluice.dev/v1\nkind: Nothing\nmetadata: {name: x}\n', /Nothing/],
    ['a namespace that is not there', 'S318', config('1', ', namespace: sluice-test-none'), /sluice-test-none/],
  ])('with %s is refused with the place in the manifests', async (_, code, yaml, what) => {
    const space = await namespace('refused');
    const outcome = await deploy(workOf(space, yaml), portsOf({ kube }));
    expect(outcome).toMatchObject({
      is: 'failed',
      phase: 'deploy',
      problem: { code, what: expect.stringMatching(what), at: { file: '/p/k8s.yaml', line: 10 } },
    });
  });

  it('into a namespace that is not there says how to make it', async () => {
    const outcome = await deploy(workOf('sluice-test-none', config('1')), portsOf({ kube }));
    expect(outcome).toMatchObject({
      is: 'failed',
      problem: { kind: 'yours', hint: expect.stringContaining('kubectl create namespace sluice-test-none') },
    });
  });

  it('of a megabyte goes through', async () => {
    const space = await namespace('large');
    const ports = portsOf({ kube });
    const yaml = config('x'.repeat(1_000_000));
    expect(await deploy(workOf(space, yaml), ports)).toMatchObject({ is: 'ok' });
    expect(await deploy(workOf(space, config('y'.repeat(1_000_000))), ports)).toMatchObject({ is: 'ok' });
  });
});

async function kubectlSays(space: string, how: string, manifest: string): Promise<void> {
  const args = ['--kubeconfig', kubeconfig, '-n', space, ...how.split(' '), '-f', '-'];
  const child = spawn('kubectl', args, { stdio: ['pipe', 'ignore', 'inherit'] });
  child.stdin.end(manifest);
  const [code] = await once(child, 'close');
  expect(code).toBe(0);
}

/** Cluster-wide things of one test, gone with it. */
function unique(kind: string, nameOf: (id: string) => string): string {
  const name = nameOf(`t${randomBytes(3).toString('hex')}`);
  onTestFinished(() => kubectl('delete', kind, name, '--ignore-not-found', '--wait=false').then(() => {}));
  return name;
}

function definition(): string {
  const name = unique('crd', (id) => `things.${id}.sluice.dev`);
  return `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: ${name}}
spec:
  group: ${name.slice('things.'.length)}
  scope: Namespaced
  names: {plural: things, singular: thing, kind: Thing, listKind: ThingList}
  versions:
    - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}
`;
}

const claim = () => `apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}, storageClassName: none}
`;

const volume = () => `apiVersion: v1
kind: PersistentVolume
metadata: {name: ${unique('pv', (id) => `sluice-test-${id}`)}}
spec: {accessModes: [ReadWriteOnce], capacity: {storage: 1Mi}, storageClassName: none, hostPath: {path: /tmp/a}}
`;

describe.skipIf(!cluster)('a Job', () => {
  let kube: KubePort;
  beforeAll(async () => {
    kube = await connectKube({ kubeconfig, context: 'sluice-test' });
    return () => kube.close();
  });
  const job = (more = '', args = 'a') => `apiVersion: batch/v1
kind: Job
metadata: {name: once}
spec:
  suspend: true
  backoffLimit: 0
  ${more}
  template:
    metadata: {annotations: {args: "${args}"}}
    spec:
      restartPolicy: Never
      containers: [{name: once, image: sluice-none}]
`;
  const uid = (space: string) =>
    kubectl('-n', space, 'get', 'job', 'once', '-o', 'jsonpath={.metadata.uid}', '--ignore-not-found');
  /** As the controller would when it is done. */
  async function end(space: string, type: 'Complete' | 'Failed'): Promise<void> {
    const at = new Date().toISOString().replace(/\.\d+/, '');
    const before = type === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget';
    const condition = (name: string) => ({ type: name, status: 'True', lastTransitionTime: at, lastProbeTime: at });
    const status = {
      conditions: [condition(before), condition(type)],
      startTime: at,
      ...(type === 'Complete' ? { completionTime: at } : {}),
    };
    await kubectl(
      '-n',
      space,
      'patch',
      'job',
      'once',
      '--subresource=status',
      '--type=merge',
      '-p',
      JSON.stringify({ status }),
    );
  }

  it('that is done is not run again until its manifest changes or it is asked for', async () => {
    const space = await namespace('job');
    const ports = portsOf({ kube });
    const first = deployedBy(await deploy(workOf(space, job(), [], {}, 'job'), ports));
    expect(first.alreadyDone).toBe(false);
    const before = await uid(space);
    await end(space, 'Complete');
    expect(deployedBy(await deploy(workOf(space, job(), [], { runId: 'second' }, 'job'), ports)).alreadyDone).toBe(
      true,
    );
    expect(await uid(space)).toBe(before);
    expect(deployedBy(await deploy(workOf(space, job('', 'b'), [], {}, 'job'), ports)).alreadyDone).toBe(false);
    const changed = await uid(space);
    expect(changed).not.toBe(before);
    await end(space, 'Complete');
    expect(deployedBy(await deploy(workOf(space, job('', 'b'), [], { force: true }, 'job'), ports)).alreadyDone).toBe(
      false,
    );
    expect(await uid(space)).not.toBe(changed);
  });

  it('that failed is run again', async () => {
    const space = await namespace('job-failed');
    const ports = portsOf({ kube });
    await deploy(workOf(space, job(), [], {}, 'job'), ports);
    const before = await uid(space);
    await end(space, 'Failed');
    expect(await deploy(workOf(space, job(), [], {}, 'job'), ports)).toMatchObject({
      is: 'ok',
      result: { unchanged: false },
    });
    expect(await uid(space)).not.toBe(before);
  });

  it('that was done and taken away by the cluster is not run again in this namespace, but is in a new one', async () => {
    const space = await namespace('job-gone');
    const ports = portsOf({ kube });
    const yaml = job('ttlSecondsAfterFinished: 3600');
    const work = (deployed: ReturnType<typeof deployedBy> | null, force = false) =>
      workOf(space, yaml, [], { deployed, force }, 'job');
    const first = deployedBy(await deploy(work(null), ports));
    const [[key, note] = ['', null]] = Object.entries(first.jobs ?? {});
    expect(note).toMatchObject({ isDone: false, home: expect.stringMatching(/-/) });
    await kubectl('-n', space, 'delete', 'job', 'once');
    const done = { ...first, jobs: { [key]: { ...note!, isDone: true } } };
    expect(deployedBy(await deploy(work(done), ports)).alreadyDone).toBe(true);
    expect(await uid(space)).toBe('');
    const elsewhere = { ...first, jobs: { [key]: { ...note!, isDone: true, home: 'a cluster made anew' } } };
    expect(deployedBy(await deploy(work(elsewhere), ports)).alreadyDone).toBe(false);
    expect(await uid(space)).not.toBe('');
    await kubectl('-n', space, 'delete', 'job', 'once');
    expect(deployedBy(await deploy(work(done, true), ports)).alreadyDone).toBe(false);
    expect(await uid(space)).not.toBe('');
  });
});
