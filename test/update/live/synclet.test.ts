import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { first, firstValueFrom, lastValueFrom } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { connectKube } from '../../../src/adapters/kube/index.ts';
import type { KubePort } from '../../../src/model/ports.ts';
import type { ContainerTarget, KubeWork, Outcome } from '../../../src/model/run.ts';
import { execStrategy } from '../../../src/update/live/exec.ts';
import { supervise } from '../../../src/update/live/supervisor.ts';
import { createSynclets, type Synclets } from '../../../src/update/live/synclet/pool.ts';
import { syncletStrategy } from '../../../src/update/live/synclet.ts';
import type { Strategy } from '../../../src/update/strategy.ts';
import { cluster, docker as hasDocker, kubeconfig } from '../../support/capability.ts';
import { tempProject, writeFiles } from '../../support/temp.ts';
import { busyboxImage, docker } from './docker.ts';
import { change, containerTarget, imageWork, kubeWork, portsWith, rule } from './work.ts';

const live = new AbortController().signal;
const namespace = `sluice-live-${randomUUID().slice(0, 8)}`;
const kubectl = async (...args: readonly string[]): Promise<string> =>
  (await promisify(execFile)('kubectl', ['--kubeconfig', kubeconfig, '-n', namespace, ...args])).stdout.trim();

describe.skipIf(!cluster || !hasDocker)('in place in a cluster', () => {
  let kube: KubePort;
  beforeAll(async () => {
    kube = await connectKube({ kubeconfig, context: 'sluice-test' });
    await kubectl('create', 'namespace', namespace);
  }, 30_000);
  afterAll(async () => {
    kube?.close();
    await kubectl('delete', 'namespace', namespace, '--wait=false');
  }, 30_000);

  /** A running pod of two commands' worth: plain, or its `command` under the supervisor. */
  async function pod(spec: object): Promise<ContainerTarget> {
    const image = `localhost:5000/${namespace}:${randomUUID().slice(0, 8)}`;
    await docker('tag', await busyboxImage(), image);
    onTestFinished(() => docker('rmi', '-f', image).then(() => {}));
    await docker('push', '-q', image);
    const name = `p-${randomUUID().slice(0, 8)}`;
    const containers = [{ name: 'web', image, ...spec }];
    const object = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace },
      spec: { terminationGracePeriodSeconds: 0, containers },
    };
    await kube.create(object, live);
    await kubectl('wait', '--for=condition=Ready', `pod/${name}`, '--timeout=60s');
    const paths = '{.status.containerStatuses[0].containerID} {.metadata.uid}';
    const [id = '', podUid = ''] = (await kubectl('get', 'pod', name, '-o', `jsonpath=${paths}`)).split(' ');
    return containerTarget({ id, pod: name, podUid, namespace });
  }

  async function run(strategy: Strategy, work: KubeWork): Promise<Outcome> {
    expect(strategy.claim(work)).toEqual({ take: true, because: expect.stringMatching(/^in place: sync at /) });
    const last = await lastValueFrom(strategy.run(work, live, portsWith({ kube: async () => kube })));
    if (last.is !== 'ended') throw new Error('the run did not end');
    return last.outcome;
  }

  const pool = (): Synclets => {
    const synclets = createSynclets();
    onTestFinished(() => synclets.closeAll());
    return synclets;
  };
  const cat = (target: ContainerTarget, path: string) => kubectl('exec', target.pod, '--', 'cat', path);

  it('brings saves in by the helper and by exec, and keeps one helper per container', async () => {
    const dir = tempProject({ 'src/x': '1' });
    const target = await pod({});
    const synclets = pool();
    const strategy = syncletStrategy(synclets);
    const work = () =>
      kubeWork(
        [
          imageWork([rule.sync(`${dir}/src`, '/app'), rule.run('echo $$ >/tmp.$$; id')], [change(`${dir}/src/x`)], {
            files: { roots: [dir], filters: [] },
          }),
        ],
        [target],
      );
    expect(await run(strategy, work())).toMatchObject({
      is: 'ok',
      result: { strategy: 'synclet', ledgers: { [target.id]: 2 } },
    });
    expect(await cat(target, '/app/x')).toBe('1');
    writeFiles(dir, { 'src/x': '2' });
    expect(await run(strategy, work())).toMatchObject({ is: 'ok' });
    expect(await cat(target, '/app/x')).toBe('2');
    const helpers = async () =>
      (
        await kubectl(
          'exec',
          target.pod,
          '--',
          'sh',
          '-c',
          'cat /proc/[0-9]*/cmdline | tr -d "\\0" 2>/dev/null || cat /proc/[0-9]*/cmdline',
        )
      ).match(/sluice-[0-9a-f-]{36}/g) ?? [];
    expect(new Set(await helpers()).size).toBe(1);
    await synclets.forget(target.id);
    expect(await helpers()).toEqual([]);
    writeFiles(dir, { 'src/x': '3' });
    expect(await run(execStrategy(synclets), work())).toMatchObject({ is: 'ok', result: { strategy: 'exec' } });
    expect(await cat(target, '/app/x')).toBe('3');
    expect(await helpers()).toEqual([]);
  }, 90_000);

  it('restarts the process under the supervisor', async () => {
    const dir = tempProject({ 'src/x': 'new' });
    const command = ['sh', '-c', 'echo started with $(cat /app/x); while :; do sleep 1; done'];
    const { command: wrapped, args } = supervise({ name: 'web', command }, { entrypoint: [], cmd: [] });
    const target = await pod({ command: wrapped, args });
    const image = imageWork([rule.sync(`${dir}/src`, '/app'), rule.restart('process')], [change(`${dir}/src/x`)], {
      files: { roots: [dir], filters: [] },
    });
    const strategy = syncletStrategy(pool());
    for (let n = 0; n < 3; n++) expect(await run(strategy, kubeWork([image], [target]))).toMatchObject({ is: 'ok' });
    expect((await kubectl('logs', target.pod)).match(/started with new/g)?.length).toBe(3);
    expect(await kubectl('get', 'pod', target.pod, '-o', 'jsonpath={.status.containerStatuses[0].restartCount}')).toBe(
      '0',
    );
  }, 90_000);

  it('declines restarting what it did not start, and calls restart: container a mistake', async () => {
    const dir = tempProject({ 'src/x': 'new' });
    const target = await pod({});
    const work = (what: 'process' | 'container') =>
      kubeWork(
        [
          imageWork([rule.sync(`${dir}/src`, '/app'), rule.restart(what)], [change(`${dir}/src/x`)], {
            files: { roots: [dir], filters: [] },
          }),
        ],
        [target],
      );
    const strategy = syncletStrategy(pool());
    expect(await run(strategy, work('process'))).toMatchObject({
      is: 'declined',
      because: expect.stringContaining('not started by sluice'),
    });
    expect(await run(strategy, work('container'))).toMatchObject({ is: 'failed', problem: { code: 'S704' } });
    await expect(cat(target, '/app/x')).rejects.toThrow();
  }, 90_000);

  it('leaves out a container that goes away while its steps run, and says so', async () => {
    const dir = tempProject({ 'src/x': 'new' });
    const target = await pod({});
    const rules = [rule.sync(`${dir}/src`, '/app'), rule.run('echo begun; sleep 60')];
    const image = imageWork(rules, [change(`${dir}/src/x`)], { files: { roots: [dir], filters: [] } });
    const ports = portsWith({ kube: async () => kube });
    const events = lastValueFrom(syncletStrategy(pool()).run(kubeWork([image], [target]), live, ports));
    const begun = ports.logs.lines$.pipe(first((lines) => lines.some(({ text }) => text === 'begun')));
    await firstValueFrom(begun);
    await kubectl('delete', 'pod', target.pod, '--wait=false');
    expect(await events).toMatchObject({ is: 'ended', outcome: { is: 'ok', result: { ledgers: {} } } });
    expect(ports.logs.tailText({}, 5).join('\n')).toContain('is gone');
  }, 90_000);
});
