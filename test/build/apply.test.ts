import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { connectKube } from '../../src/adapters/kube/index.ts';
import type { KubePort } from '../../src/model/ports.ts';
import { cluster, kubeconfig } from '../support/capability.ts';
import { kubectl, namespace } from '../support/cluster.ts';
import { eventually } from '../support/facts.ts';
import { deploy, deployedBy, portsOf, said, workOf } from './real.ts';

const run = promisify(execFile);

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

  it('leaves alone what others made, until it is handed over as the hint says', async () => {
    const space = await namespace('foreign');
    const ports = portsOf({ kube });
    await kubectl('-n', space, 'create', 'configmap', 'settings', '--from-literal=a=theirs');
    const outcome = await deploy(workOf(space, config('ours')), ports);
    expect(outcome).toMatchObject({
      is: 'failed',
      phase: 'deploy',
      problem: { code: 'S362', kind: 'yours', at: { file: '/p/k8s.yaml', line: 10 } },
    });
    expect(await get(space, 'configmap/settings', '.data.a')).toBe('theirs');
    const hint = outcome.is === 'failed' ? (outcome.problem.hint ?? '') : '';
    const command = /kubectl (label .*)$/.exec(hint)?.[1]?.split(' ') ?? [];
    await run('kubectl', ['--kubeconfig', kubeconfig, ...command]);
    expect(await deploy(workOf(space, config('ours')), ports)).toMatchObject({ is: 'ok' });
    expect(await get(space, 'configmap/settings', '.data.a')).toBe('ours');
    expect(await get(space, 'configmap/settings', '.metadata.labels.sluice-resource')).toBe('web');
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

  it('keeps the order of pods of a StatefulSet that was made elsewhere', async () => {
    const space = await namespace('set');
    const ports = portsOf({ kube });
    const set = workload('StatefulSet', 'serviceName: web');
    await kubectlApply(space, set);
    await kubectl('-n', space, 'label', 'statefulset', 'web', 'sluice-resource=adopted');
    const uid = await get(space, 'statefulset/web', '.metadata.uid');
    expect(await deploy(workOf(space, set), ports)).toMatchObject({ is: 'ok' });
    expect(await get(space, 'statefulset/web', '.metadata.uid')).toBe(uid);
    expect(await get(space, 'statefulset/web', '.spec.podManagementPolicy')).toBe('OrderedReady');
    expect(await deploy(workOf(space, set), ports)).toMatchObject({ is: 'ok', result: { unchanged: true } });
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

async function kubectlApply(space: string, yaml: string): Promise<void> {
  const child = spawn('kubectl', ['--kubeconfig', kubeconfig, '-n', space, 'apply', '-f', '-'], {
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  child.stdin.end(yaml);
  const [code] = await once(child, 'close');
  expect(code).toBe(0);
}

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
