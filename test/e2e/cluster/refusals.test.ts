// What keeps a workload from coming up is said in the cluster's own words: in its row, by `status` and by `wait`, which ends with
// the code that `ci` ends with.
import { randomBytes } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { cluster } from '../../support/capability.ts';
import { kubectl, namespace } from '../../support/cluster/cluster.ts';
import { drive } from '../../support/drive.ts';
import { sluice } from '../../support/sluice.ts';
import { tempProject, writeFiles } from '../../support/temp.ts';

/** Busybox, on the node already. */
const image = 'localhost/pause:1';

function deployment(name: string, pod: object = {}, container: object = {}, labels: object = {}): string {
  const main = { name: 'main', image, imagePullPolicy: 'Never', command: ['sleep', '10000'], ...container };
  return stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, labels },
    spec: {
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name, ...labels } },
        spec: { terminationGracePeriodSeconds: 0, ...pod, containers: [main] },
      },
    },
  });
}

const configMapVolume = { volumes: [{ name: 'v', configMap: { name: 'no-such' } }] };
const claimVolume = (claimName: string) => ({ volumes: [{ name: 'v', persistentVolumeClaim: { claimName } }] });
const fromMap = (name: string, key: string) => ({
  env: [{ name: 'V', valueFrom: { configMapKeyRef: { name, key } } }],
});
const fromSecret = (name: string, key: string) => ({
  env: [{ name: 'V', valueFrom: { secretKeyRef: { name, key } } }],
});
const asking = (cpu: string, memory: string) => ({ resources: { requests: { cpu, memory }, limits: { memory } } });

const claim = stringify({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'unbound' },
  spec: { storageClassName: 'no-such', accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
});
const limitRange = {
  apiVersion: 'v1',
  kind: 'LimitRange',
  metadata: { name: 'most' },
  spec: { limits: [{ type: 'Container', max: { memory: '1Gi' }, default: { memory: '64Mi' } }] },
};
const quota = {
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name: 'few' },
  spec: { hard: { 'limits.memory': '2Gi' } },
};

/** name → its manifest, and what is said of it. */
const cases: Readonly<Record<string, readonly [manifest: string, text: RegExp]>> = {
  cpu: [deployment('cpu', {}, asking('900', '64Mi')), /^Pending: 0\/1 nodes are available: .*Insufficient cpu/],
  quota: [
    deployment('quota', {
      initContainers: [1, 2, 3].map((n) => ({ name: `i${n}`, image, restartPolicy: 'Always', ...asking('1m', '1Gi') })),
    }),
    /^FailedCreate: forbidden: exceeded quota: few/,
  ],
  most: [
    deployment('most', {}, asking('1m', '1100Mi')),
    /^FailedCreate: forbidden: maximum memory usage per Container is 1Gi/,
  ],
  hook: [
    deployment('hook', {}, {}, { hooked: 'on-trial' }),
    /^FailedCreate: .*failed calling webhook "pods.sluice.test"/,
  ],
  account: [
    deployment('account', { serviceAccountName: 'no-such' }),
    /^FailedCreate: .*serviceaccount "no-such" not found/,
  ],
  priority: [
    deployment('priority', { priorityClassName: 'no-such' }),
    /^FailedCreate: .*no PriorityClass with name no-such/,
  ],
  runtime: [
    deployment('runtime', { runtimeClassName: 'no-such' }),
    /^FailedCreate: .*RuntimeClass "no-such" not found/,
  ],
  map: [deployment('map', {}, fromMap('no-such', 'k')), /configmap "no-such" not found/],
  key: [deployment('key', {}, fromMap('kube-root-ca.crt', 'no-such')), /couldn't find key no-such in ConfigMap/],
  secret: [deployment('secret', {}, fromSecret('no-such', 'k')), /secret "no-such" not found/],
  mount: [
    deployment('mount', configMapVolume, { volumeMounts: [{ name: 'v', mountPath: '/v' }] }),
    /configmap "no-such" not found/,
  ],
  unclaimed: [deployment('unclaimed', claimVolume('no-such')), /^Pending: .*persistentvolumeclaim "no-such" not found/],
  unbound: [
    `${claim}---\n${deployment('unbound', claimVolume('unbound'))}`,
    /^Pending: .*unbound immediate PersistentVolumeClaims/,
  ],
  absent: [
    deployment('absent', {}, { image: 'localhost:5000/no-such:1', imagePullPolicy: 'Always' }),
    /localhost:5000\/no-such:1.*not found/,
  ],
  refused: [
    deployment('refused', {}, { image: 'localhost:1/x:1', imagePullPolicy: 'Always' }),
    /localhost:1.*connection refused/,
  ],
};

/** Pods with the label go through a webhook whose service is not there. */
async function failingWebhook(space: string): Promise<void> {
  const name = `sluice-test-${randomBytes(3).toString('hex')}`;
  const hook = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name },
    webhooks: [
      {
        name: 'pods.sluice.test',
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': space } },
        objectSelector: { matchLabels: { hooked: 'on-trial' } },
        rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
        clientConfig: { service: { namespace: space, name: 'no-such', port: 443 } },
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        failurePolicy: 'Fail',
        timeoutSeconds: 2,
      },
    ],
  };
  onTestFinished(async () => void (await kubectl('delete', 'validatingwebhookconfiguration', name)));
  await applied(JSON.stringify(hook));
}

async function applied(text: string, ...args: readonly string[]): Promise<void> {
  const dir = tempProject({ 'object.json': text });
  await kubectl('apply', ...args, '-f', `${dir}/object.json`);
}

const config = `kubernetes:\n  manifests: [k8s/*.yaml]\n  allow: [sluice-test]\n`;

describe.skipIf(!cluster)('what keeps a workload from coming up', () => {
  it('is said in the words of the cluster, wherever one looks', async () => {
    const space = await namespace('refusals');
    await failingWebhook(space);
    await applied(JSON.stringify(limitRange), '-n', space);
    await applied(JSON.stringify(quota), '-n', space);
    const dir = tempProject({ 'sluice.yaml': config });
    for (const [name, [manifest]] of Object.entries(cases)) writeFiles(dir, { [`k8s/${name}.yaml`]: manifest });
    const session = drive(dir, ['-n', space]);
    const names = Object.keys(cases);
    for (const [name, [, text]] of Object.entries(cases)) {
      await session.until(({ resources: { [name]: found } }) => {
        const { runtime } = found ?? {};
        return [runtime?.text, runtime?.problem?.what].some((said) => said !== undefined && text.test(said));
      }, `${name}: ${text}`);
    }
    const { stdout } = await sluice(dir, ['status'], { env: session.env });
    const rows = stdout.split('\n').filter((line) => /^\S/.test(line));
    for (const name of names) {
      const { status } = session.resource(name).runtime;
      expect(status === 'pending' || status === 'failed', name).toBe(true);
      expect(
        rows.filter((line) => line.startsWith(`${name} `)),
        name,
      ).toHaveLength(1);
    }
    // One after the other, as somebody would ask; each answer has the words and one code.
    const answers = await Promise.all(
      names.map((name) => sluice(dir, ['wait', name, '--timeout', '40s', '--json'], { env: session.env })),
    );
    for (const [i, { code, stdout: answer }] of answers.entries()) {
      const name = names[i] as string;
      const [{ what }] = JSON.parse(answer).problems;
      // A webhook that cannot be reached may be starting.
      expect([name, code], answer).toEqual([name, name === 'hook' ? 6 : 5]);
      expect(what).toMatch(new RegExp((cases[name] as (typeof cases)[string])[1].source.replace(/^\^/, '')));
    }
    await session.stop();
  });
});
