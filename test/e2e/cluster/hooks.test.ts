// Hooks of charts against the cluster: an install, then an upgrade. The manifests are what `helm template` prints.
import { expect, it } from 'vitest';
import { cluster } from '../../support/capability.ts';
import { kubectl, namespace } from '../../support/cluster/cluster.ts';
import { sluice } from '../../support/sluice.ts';
import { tempProject, writeFiles } from '../../support/temp.ts';

const pod = (command: string) =>
  `{restartPolicy: Never, terminationGracePeriodSeconds: 0, containers: [{name: a, image: localhost/pause:1, imagePullPolicy: Never, command: [/bin/sh, -c, "${command}"]}]}`;
const job = (name: string, events: string, weight: number, policy = 'before-hook-creation') => `---
apiVersion: batch/v1
kind: Job
metadata:
  name: ${name}
  annotations: {helm.sh/hook: "${events}", helm.sh/hook-weight: "${weight}", helm.sh/hook-delete-policy: "${policy}"}
spec: {template: {spec: ${pod('true')}}}
`;
/** Not ready before a hook has run that comes after it: waiting for its readiness would never end. */
const release = (version: string) => `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}, annotations: {version: "${version}"}}
    spec:
      terminationGracePeriodSeconds: 0
      volumes: [{name: made, configMap: {name: made-by-hook}}]
      containers: [{name: a, image: localhost/pause:1, imagePullPolicy: Never, command: [/bin/sh, -c, "exec sleep 1000000"], volumeMounts: [{name: made, mountPath: /made}]}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: made-by-hook, annotations: {helm.sh/hook: "post-install,post-upgrade"}}
`;
const hooks = [
  job('b-second', 'pre-install,pre-upgrade', 1),
  job('c-first', 'pre-install', -1),
  job('gone', 'pre-install,pre-upgrade', 2, 'hook-succeeded'),
  job('upgrade-only', 'pre-upgrade', 3),
  job('migrate', 'post-install,pre-upgrade', 4),
  job('wipe', 'pre-delete', 0),
  `---\napiVersion: v1\nkind: Pod\nmetadata: {name: probe, annotations: {helm.sh/hook: test}}\nspec: ${pod('exit 1')}\n`,
].join('');

it.skipIf(!cluster)('hooks run as helm runs them, and those of other moments never', async () => {
  const space = await namespace('hooks');
  const dir = tempProject({
    'sluice.yaml': 'kubernetes: {manifests: [chart.yaml], allow: [sluice-test]}\n',
    'chart.yaml': release('1') + hooks,
  });
  const ci = () => sluice(dir, ['ci', '-n', space, '--stable', '0s', '--timeout', '120s']);
  const ages = async () => {
    const path = '{range .items[*]}{.metadata.creationTimestamp}{" "}{.metadata.name}{"\\n"}{end}';
    const lines = (
      await kubectl('-n', space, 'get', 'jobs,deploy,pods', '-l', 'sluice-resource', '-o', `jsonpath=${path}`)
    )
      .split('\n')
      .filter((line) => / (c-first|b-second|upgrade-only|migrate|web|wipe|probe|gone)$/.test(line));
    return Object.fromEntries(lines.map((line) => line.split(' ').reverse() as [string, string]));
  };
  const plan = await sluice(dir, ['plan', '-n', space]);
  expect(plan.stdout.match(/wipe/g)).toHaveLength(1);
  expect(plan.stdout).toMatch(/left out.* job\/wipe \(pre-delete\), pod\/probe \(test\)/);

  expect(await ci()).toMatchObject({ code: 0 });
  const installed = await ages();
  expect(Object.keys(installed).sort()).toEqual(['b-second', 'c-first', 'migrate', 'web']);
  const order = ['c-first', 'b-second', 'web', 'migrate'].map((name) => installed[name]);
  expect(order).toEqual(order.toSorted());

  expect(await ci()).toMatchObject({ code: 0 });
  expect(await ages()).toMatchObject({ 'b-second': installed['b-second'], 'c-first': installed['c-first'] });

  writeFiles(dir, { 'chart.yaml': release('2') + hooks });
  expect(await ci()).toMatchObject({ code: 0 });
  const upgraded = await ages();
  expect(Object.keys(upgraded).sort()).toEqual(['b-second', 'c-first', 'migrate', 'upgrade-only', 'web']);
  expect(upgraded['c-first']).toBe(installed['c-first']);
  for (const again of ['b-second', 'migrate'])
    expect([again, upgraded[again] !== installed[again]]).toEqual([again, true]);
});
