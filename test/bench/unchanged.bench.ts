// A hundred images of which none has changed: what it costs to be sure of that.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { clusterProject } from '../e2e/cluster/project.ts';
import { cluster, docker } from '../support/capability.ts';
import { sluice } from '../support/sluice.ts';
import { writeFiles } from '../support/temp.ts';
import { figure, timed } from './figure.ts';

const COUNT = 100;
const deadlineMs = 240_000;

const asleep = (name: string, image: string): string => `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}}
spec:
  replicas: 0
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec: {containers: [{name: ${name}, image: ${image}}]}
`;

describe.skipIf(!docker || !cluster)('on the test cluster', () => {
  it('100 images, nothing changed', async () => {
    const { dir, image, args } = await clusterProject('hundred');
    const all = Array.from({ length: COUNT }, (_, i) => i);
    writeFileSync(
      join(dir, 'sluice.yaml'),
      `images:\n${all.map((i) => `  ${image}-${i}: {context: ./i${i}}\n`).join('')}kubernetes:\n  manifests: [k8s/*.yaml]\n  allow: [sluice-test]\n`,
    );
    writeFiles(dir, {
      'k8s/web.yaml': all.map((i) => asleep(`w${i}`, `${image}-${i}`)).join('---\n'),
      ...Object.fromEntries(
        all.flatMap((i) => [
          [`i${i}/Dockerfile`, 'FROM scratch\nCOPY a /a\nCMD ["/a"]\n'],
          [`i${i}/a`, `${image} ${i}`],
        ]),
      ),
    });
    const up = () => sluice(dir, ['up', '--once', '--plain', ...args], { deadlineMs });
    expect(await up()).toMatchObject({ code: 0 });
    const warm: number[] = [];
    for (let round = 0; round < 3; round += 1)
      warm.push(await timed(async () => expect(await up()).toMatchObject({ code: 0 })));
    figure('up --once, 100 images, nothing changed', 'ms', warm, 3_000);
  });
});
