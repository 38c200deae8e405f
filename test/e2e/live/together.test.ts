// One image, several ways: a sidecar beside main containers, a read-only workload, a Job; and pods of an earlier session.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cluster, docker } from '../../support/capability.ts';
import { kubectl } from '../../support/cluster/cluster.ts';
import { drive } from '../../support/drive.ts';
import { writeFiles } from '../../support/temp.ts';
import { clusterProject } from '../cluster/project.ts';

const sleeping = '["sh", "-c", "trap exit TERM; while :; do sleep 1 & wait; done"]';
const deployment = (name: string, replicas: number, spec: string) => `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec:
      terminationGracePeriodSeconds: 0
${spec}
`;
const main = (image: string, replicas: number) =>
  deployment(
    'main',
    replicas,
    `      initContainers: [{name: side, image: ${image}, restartPolicy: Always, command: ${sleeping}}]
      containers: [{name: a, image: ${image}, command: ${sleeping}}, {name: b, image: ${image}, command: ${sleeping}}]`,
  );
const fixed = (image: string) =>
  deployment(
    'fixed',
    1,
    `      containers: [{name: a, image: ${image}, command: ${sleeping}, securityContext: {readOnlyRootFilesystem: true}}]`,
  );
const bare = (image: string) => `apiVersion: v1
kind: Pod
metadata: {name: bare, labels: {app: bare}}
spec: {terminationGracePeriodSeconds: 0, containers: [{name: a, image: ${image}, command: ${sleeping}}]}
`;
const job = (image: string) => `apiVersion: batch/v1
kind: Job
metadata: {name: once}
spec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: ${image}, command: [cat, /www/index.html]}]}}}
`;

const page = '/www/index.html';

describe.skipIf(!docker || !cluster)('workloads of one image', () => {
  it('are each updated in their own way, and a later session begins with none of it', async () => {
    const project = await clusterProject('together', {
      image: '    live:\n      - sync: {from: ./web/www, to: /www}\n',
    });
    const { dir, namespace, image, args } = project;
    writeFiles(dir, {
      'sluice.yaml': project
        .config({ image: '    live:\n      - sync: {from: ./web/www, to: /www}\n' })
        .replace(/resources:[\s\S]*$/, ''),
      'k8s/web.yaml': [main(image, 1), fixed(image), bare(image), job(image)].join('---\n'),
    });
    const names = async (app: string): Promise<readonly string[]> => {
      const { items } = JSON.parse(await kubectl('-n', namespace, 'get', 'pods', '-l', `app=${app}`, '-o', 'json'));
      return items
        .filter(({ metadata }: { metadata: { deletionTimestamp?: string } }) => !metadata.deletionTimestamp)
        .map(({ metadata }: { metadata: { name: string } }) => metadata.name);
    };
    const held = (pod: string, container: string) =>
      kubectl('-n', namespace, 'exec', pod, '-c', container, '--', 'cat', page);

    const first = drive(dir, args);
    await first.idle();
    const [before, old] = [await names('main'), await names('fixed')];
    for (const text of ['second page', 'third page']) {
      const saved = await first.save('web/www/index.html', text);
      expect(saved.changes.live).toBe(saved.changes.seen);
      expect(await names('main')).toEqual(before);
      for (const container of ['side', 'a', 'b']) expect(await held(before[0] as string, container)).toBe(text);
      expect(await held('bare', 'a')).toBe(text);
      const [now = ''] = await names('fixed');
      expect(old).not.toContain(now);
      expect(await held(now, 'a')).toBe(text);
      expect(await kubectl('-n', namespace, 'logs', 'job/once')).toBe(text);
    }
    await first.save('web/www/more.html', 'more');
    await first.stop();

    writeFiles(dir, {
      'web/www/index.html': 'first page',
      'k8s/web.yaml': [main(image, 2), fixed(image), bare(image)].join('---\n'),
    });
    rmSync(join(dir, 'web/www/more.html'));
    const second = drive(dir, args);
    await second.idle();
    const pods = [...(await names('main')), 'bare'];
    expect(pods).toHaveLength(3);
    for (const pod of pods) {
      expect(await held(pod, 'a')).toBe('first page');
      expect(await kubectl('-n', namespace, 'exec', pod, '-c', 'a', '--', 'ls', '/www')).toBe('index.html\n');
    }
    await second.stop();
  });
});
