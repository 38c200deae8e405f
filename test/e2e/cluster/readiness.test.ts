// A workload is up when its controller says so; what somebody else has to do is named, and what was done stays done.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { cluster, kubeconfig } from '../../support/capability.ts';
import { kubectl, namespace } from '../../support/cluster/cluster.ts';
import { drive } from '../../support/drive.ts';
import { freePort, serves } from '../../support/facts.ts';
import { sluice } from '../../support/sluice.ts';
import { tempProject, writeFiles } from '../../support/temp.ts';

/** Busybox, on the node already. */
const image = 'localhost/pause:1';

interface Parts {
  readonly spec?: object;
  readonly pod?: object;
  readonly script?: string;
  readonly env?: string;
}

function workload(kind: string, name: string, { spec = {}, pod = {}, script = 'exec sleep 10000', env = '1' }: Parts) {
  const isJob = kind === 'Job';
  const container = {
    name: 'main',
    image,
    imagePullPolicy: 'Never',
    command: ['/bin/sh', '-c', script],
    env: [{ name: 'V', value: env }],
  };
  return stringify({
    apiVersion: isJob ? 'batch/v1' : 'apps/v1',
    kind,
    metadata: { name },
    spec: {
      ...(isJob ? {} : { selector: { matchLabels: { app: name } } }),
      ...(kind === 'StatefulSet' ? { serviceName: name } : {}),
      ...spec,
      template: {
        metadata: { labels: { app: name } },
        spec: {
          terminationGracePeriodSeconds: 0,
          ...(isJob ? { restartPolicy: 'Never' } : {}),
          ...pod,
          containers: [container],
        },
      },
    },
  });
}

const config = (more = '') => `kubernetes:\n  manifests: [k8s/*.yaml]\n  allow: [sluice-test]\n${more}`;

describe.skipIf(!cluster)('what a workload counts as', () => {
  it('is what its controller says, for every kind; the text says whom it waits for', { timeout: 180_000 }, async () => {
    const space = await namespace('readiness');
    const nowhere = { nodeSelector: { 'no-such': 'node' } };
    const claim = {
      metadata: { name: 'data' },
      spec: {
        accessModes: ['ReadWriteOnce'],
        storageClassName: 'no-such',
        resources: { requests: { storage: '1Gi' } },
      },
    };
    const anonymous = { serviceAccountName: 'no-such' };
    const dir = tempProject({
      'sluice.yaml': config(),
      'k8s/daemons.yaml': workload('DaemonSet', 'daemons', { pod: nowhere }),
      'k8s/paused.yaml': workload('Deployment', 'paused', { spec: { paused: true } }),
      'k8s/suspended.yaml': workload('Job', 'suspended', { spec: { suspend: true }, script: 'true' }),
      'k8s/brief.yaml': workload('Job', 'brief', { spec: { ttlSecondsAfterFinished: 0 }, script: 'true' }),
      'k8s/byhand.yaml': workload('StatefulSet', 'byhand', { spec: { updateStrategy: { type: 'OnDelete' } } }),
      'k8s/refused.yaml': workload('StatefulSet', 'refused', { pod: anonymous }),
      'k8s/late.yaml': workload('Deployment', 'late', { spec: { progressDeadlineSeconds: 2 }, pod: anonymous }),
      'k8s/unplaced.yaml': workload('Deployment', 'unplaced', { pod: nowhere }),
      'k8s/slow.yaml': workload('Deployment', 'slow', { spec: { minReadySeconds: 4 } }),
      'k8s/homeless.yaml': workload('StatefulSet', 'homeless', { spec: { volumeClaimTemplates: [claim] } }),
    });
    const session = drive(dir, ['-n', space]);
    const stands = (name: string, status: string, text: string | RegExp) =>
      session.until((state) => {
        const runtime = state.resources[name]?.runtime;
        const isText = typeof text === 'string' ? runtime?.text === text : text.test(runtime?.text ?? '');
        return runtime?.status === status && isText;
      }, `${name} is ${status}: ${text}`);
    await stands('daemons', 'ready', 'no node wants it');
    await stands('paused', 'pending', `paused: kubectl rollout resume -n ${space} deployment/paused`);
    await stands('suspended', 'pending', new RegExp(`^suspended: kubectl patch job -n ${space} suspended `));
    await stands('refused', 'pending', /^FailedCreate: .*serviceaccount "no-such" not found/);
    await stands('unplaced', 'pending', /^Pending: 0\/1 nodes are available: .*node affinity\/selector$/);
    await stands('homeless', 'pending', /^Pending: .*PersistentVolumeClaim.* \(.*"no-such" not found\)$/);
    await stands('late', 'failed', /^ProgressDeadlineExceeded: FailedCreate: .*serviceaccount "no-such" not found/);
    expect(session.resource('late').runtime.problem?.code).toBe('S352');
    await stands('brief', 'done', 'Completed');
    await kubectl('-n', space, 'wait', '--for=delete', 'job/brief', '--timeout=60s');

    await kubectl('-n', space, 'rollout', 'resume', 'deployment/paused');
    await kubectl('-n', space, 'patch', 'job', 'suspended', '--type', 'merge', '-p', '{"spec":{"suspend":false}}');
    await kubectl('-n', space, 'create', 'serviceaccount', 'no-such');
    await stands('paused', 'ready', 'Running');
    await stands('suspended', 'done', 'Completed');
    await stands('byhand', 'ready', 'Running');
    await stands('slow', 'ready', 'Running');
    writeFiles(dir, {
      'k8s/byhand.yaml': workload('StatefulSet', 'byhand', {
        spec: { updateStrategy: { type: 'OnDelete' } },
        env: '2',
      }),
      'k8s/slow.yaml': workload('Deployment', 'slow', { spec: { minReadySeconds: 4 }, env: '2' }),
      'k8s/unplaced.yaml': workload('Deployment', 'unplaced', {}),
    });
    await stands('byhand', 'pending', `OnDelete leaves it to you: kubectl delete pod -n ${space} byhand-0`);
    await kubectl('-n', space, 'delete', 'pod', 'byhand-0');
    await stands('byhand', 'ready', 'Running');
    await stands('unplaced', 'ready', 'Running');
    await session.until(({ resources: { slow } }) => {
      const { seen = 0, live = 0 } = slow?.changes ?? {};
      return seen > 0 && live === seen && slow?.runtime.status === 'ready';
    }, 'the change of slow is live');
    expect(await kubectl('-n', space, 'rollout', 'status', 'deploy/slow', '--watch=false')).toContain('rolled out');
    await stands('brief', 'done', 'Completed');
    await kubectl('-n', space, 'scale', 'deployment/slow', '--replicas=0');
    await stands('slow', 'ready', 'scaled to 0');
    await session.stop();
  });

  it('what keeps a bare pod, or has ended it, is said in the words of the cluster, with what would help', async () => {
    const space = await namespace('kept');
    const bare = (name: string, spec: object, container: object = {}) =>
      stringify({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name },
        spec: {
          terminationGracePeriodSeconds: 0,
          ...spec,
          containers: [{ name: 'main', image, imagePullPolicy: 'Never', command: ['sleep', '10000'], ...container }],
        },
      });
    const dir = tempProject({
      'sluice.yaml': config(),
      'k8s/gated.yaml': bare('gated', { readinessGates: [{ conditionType: 'example.com/lb' }] }),
      'k8s/overdue.yaml': bare('overdue', { activeDeadlineSeconds: 2 }),
      'k8s/absent.yaml': bare('absent', {}, { command: ['/no/such'] }),
      'k8s/root.yaml': bare('root', {}, { securityContext: { runAsNonRoot: true } }),
    });
    const session = drive(dir, ['-n', space]);
    const gated = /^Running: .*readiness gate "example.com\/lb" does not exist$/;
    await session.until(({ resources }) => gated.test(resources.gated?.runtime.text ?? ''), 'the gate is named');
    const fails = (name: string, what: RegExp, hint: RegExp) =>
      session.until(({ resources }) => {
        const { status, problem } = resources[name]?.runtime ?? {};
        return status === 'failed' && what.test(problem?.what ?? '') && hint.test(problem?.hint ?? '');
      }, `${name}: ${what}, ${hint}`);
    await fails('overdue', /: DeadlineExceeded: Pod was active on the node longer/, /the cluster ended it/);
    await fails('root', /image will run as root/, /USER in the Dockerfile/);
    // Whichever of its moments is seen: being started, and waiting for the next start.
    await fails('absent', /RunContainerError .*\/no\/such: no such file or directory/, /could not be started/);
    await fails('absent', /CrashLoopBackOff .*\/no\/such: no such file or directory/, /could not be started/);
    await session.stop();
    const ended = await sluice(dir, ['ci', 'root', 'absent', '--timeout', '60s', '-n', space]);
    expect([ended.code, ended.stderr]).toEqual([5, expect.stringContaining('image will run as root')]);
  });

  it('a port behind which nothing listens is told of when it is tried, and works once something does', async () => {
    const [space, port] = [await namespace('refused'), await freePort()];
    const dir = tempProject({
      'sluice.yaml': config(`resources:\n  web: {ports: ["127.0.0.1:${port}:8000"]}\n`),
      'k8s/web.yaml': workload('Deployment', 'web', {}),
    });
    const session = drive(dir, ['-n', space]);
    await session.until(({ resources: { web } }) => web?.endpoints.length === 1, 'its port is open');
    const nothing = fetch(`http://127.0.0.1:${port}/`).catch(() => null);
    const state = await session.until(
      ({ resources: { web } }) => web?.forwards[0]?.problem !== undefined,
      'that it is refused is told',
    );
    const { endpoints, forwards } = state.resources.web as (typeof state.resources)[string];
    expect(endpoints).toEqual([]);
    expect(forwards[0]?.problem?.what).toMatch(/^port 8000 of pod web-[^ ]+ cannot be reached: connection refused$/);
    expect(await nothing).toBeNull();
    const serving = 'echo served >/tmp/index.html; httpd -p 8000 -h /tmp';
    await kubectl('-n', space, 'exec', 'deploy/web', '--', 'sh', '-c', serving);
    await serves(`http://127.0.0.1:${port}/`, 'served');
    await session.until(({ resources: { web } }) => web?.endpoints.length === 1, 'its address is shown again');
    await session.stop();
  });

  it('what may not be done with pods is said once with the right, and works soon after the grant', async () => {
    const space = await namespace('denied');
    const port = await freePort();
    const [dev, all] = [`--serviceaccount=${space}:dev`, '--verb=*'] as const;
    await kubectl('-n', space, 'create', 'serviceaccount', 'dev');
    await kubectl(
      '-n',
      space,
      'create',
      'role',
      'dev',
      all,
      '--resource=pods,services,events,deployments.apps,replicasets.apps,endpointslices.discovery.k8s.io',
    );
    await kubectl('-n', space, 'create', 'rolebinding', 'dev', '--role=dev', dev);
    const user = { name: 'dev', user: { token: (await kubectl('-n', space, 'create', 'token', 'dev')).trim() } };
    const access = parse(readFileSync(kubeconfig, 'utf8'));
    for (const { context } of access.contexts) context.user = 'dev';
    const script = 'echo served > /tmp/index.html; echo first words; exec httpd -f -p 8000 -h /tmp';
    const dir = tempProject({
      'sluice.yaml': config(`resources:\n  web: {ports: ["${port}:8000"]}\n`),
      'k8s/web.yaml': workload('Deployment', 'web', { script }),
      kubeconfig: stringify({ ...access, users: [user] }),
    });
    const session = drive(dir, ['-n', space], { env: { KUBECONFIG: `${dir}/kubeconfig` } });
    const told = (what: string) => session.until(({ feeds }) => JSON.stringify(feeds).includes(what), what);
    await told('the log of web cannot be read: pods/log is forbidden');
    await told('the ports of web cannot be reached: pods/portforward is forbidden');
    await session.until(({ resources: { web } }) => web?.runtime.status === 'ready', 'web is ready all the same');
    await kubectl('-n', space, 'create', 'role', 'more', all, '--resource=pods/log,pods/portforward');
    await kubectl('-n', space, 'create', 'rolebinding', 'more', '--role=more', dev);
    await session.logged(({ text }) => text === 'first words', 'the log is read from its start', 30_000);
    await serves(`http://127.0.0.1:${port}/`, 'served', 30_000);
    await session.until(
      ({ feeds }) => !JSON.stringify(feeds).includes('forbidden'),
      'nothing is denied any more',
      30_000,
    );
    await session.stop();
  });
});
