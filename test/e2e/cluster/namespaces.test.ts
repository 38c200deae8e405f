// A namespace that takes nothing in says why: one that is being deleted, one whose policy refuses the pods.
import { describe, expect, it, onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { cluster } from '../../support/capability.ts';
import { kubectl, namespace } from '../../support/cluster/cluster.ts';
import { drive } from '../../support/drive.ts';
import { sluice } from '../../support/sluice.ts';
import { tempProject } from '../../support/temp.ts';

const plain = stringify({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'plain' },
  spec: {
    selector: { matchLabels: { app: 'plain' } },
    template: {
      metadata: { labels: { app: 'plain' } },
      spec: {
        terminationGracePeriodSeconds: 0,
        // Busybox, on the node already.
        containers: [
          { name: 'main', image: 'localhost/pause:1', imagePullPolicy: 'Never', command: ['sleep', '10000'] },
        ],
      },
    },
  },
});

const project = () =>
  tempProject({ 'sluice.yaml': 'kubernetes: {manifests: [k/a.yaml], allow: [sluice-test]}\n', 'k/a.yaml': plain });

describe.skipIf(!cluster)('a namespace', () => {
  it('that is being deleted is named as what is waited for', async () => {
    const space = await namespace('going');
    await kubectl('-n', space, 'create', 'configmap', 'hold');
    const finalizers = (value: string) =>
      kubectl('-n', space, 'patch', 'configmap', 'hold', '-p', `{"metadata":{"finalizers":${value}}}`);
    await finalizers('["sluice.test/hold"]');
    onTestFinished(async () => void (await finalizers('null')));
    await kubectl('delete', 'namespace', space, '--wait=false');
    const { code, stderr } = await sluice(project(), ['ci', '-n', space, '--timeout', '12s']);
    expect(code).toBe(6);
    expect(stderr).toContain(`not up after 12 s: plain (deploy waits for namespace/${space} to be gone)`);
  });

  it('whose policy refuses pods is quoted once, in the row and by ci', async () => {
    const space = await namespace('strict');
    await kubectl('label', 'namespace', space, 'pod-security.kubernetes.io/enforce=restricted');
    const dir = project();
    const session = drive(dir, ['-n', space]);
    await session.until(
      ({ resources }) => resources.plain?.runtime.text.startsWith('FailedCreate: ') === true,
      'the refusal is in the row',
    );
    expect(session.resource('plain').runtime.text).toContain('violates PodSecurity "restricted:latest"');
    // The controller has tried several pods by then, each of another name.
    await session.until(({ resources }) => (resources.plain?.events.length ?? 0) >= 3, 'it has tried again');
    expect(session.logs.filter(({ text }) => text.startsWith('[FailedCreate]'))).toHaveLength(1);
    await session.stop();
    const { code, stdout } = await sluice(dir, ['ci', '-n', space, '--timeout', '8s']);
    expect(code).toBe(6);
    expect(stdout).toMatch(/^plain {2,}\S+ +FailedCreate: forbidden: violates PodSecurity .{0,40}… /m);
  });
});
