import { describe, expect, it } from 'vitest';
import { imageStrategy } from '../../../src/update/image/image.ts';
import { createImageCache } from '../../../src/update/image/known/known-images.ts';
import { cluster, docker as hasDocker } from '../../support/capability.ts';
import { kubectl, namespace } from '../../support/cluster/cluster.ts';
import { busyboxImage } from '../../support/docker/images.ts';
import { tempProject } from '../../support/temp.ts';
import {
  deployedBy,
  dockerfileBuild,
  imageName,
  imageOf,
  never,
  outcomeOf,
  portsOf,
  realDocker,
  realKube,
  said,
  workOf,
} from '../real.ts';

const set = (name: string, image: string) => `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}}
spec:
  replicas: 0
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec:
      initContainers: [{name: init, image: ${image}}]
      containers: [{name: one, image: ${image}}, {name: two, image: ${image}}]
`;

describe.skipIf(!cluster || !hasDocker)('a full build', () => {
  it('pushes to the registry of the cluster, runs it everywhere, and two resources with one image build it once', async () => {
    const base = await busyboxImage();
    const space = await namespace('image');
    const dir = tempProject({ Dockerfile: `FROM ${base}\nCOPY a /a\n`, a: String(Math.random()) });
    const image = imageOf(imageName('full'), dockerfileBuild(dir));
    const ports = portsOf({ docker: await realDocker(), kube: await realKube() });
    const cache = createImageCache(ports.disk, tempProject());
    const strategy = imageStrategy(() => cache);
    const up = (name: string) =>
      outcomeOf(
        strategy.run(
          workOf(space, set(name, image.spec.ref), [image], { resource: name, run: `${name}#1` }),
          never,
          ports,
        ),
      );
    const first = await up('web');
    expect(first).toMatchObject({ is: 'ok', result: { strategy: 'full build', unchanged: false } });
    const tagged = deployedBy(first).images[image.spec.ref] ?? '';
    expect(tagged).toMatch(/^localhost:5000\/sluicetest_full-\w+:sluice-[0-9a-f]{16}$/);
    const second = await up('worker');
    expect(second).toMatchObject({ is: 'ok', result: { strategy: 'deploy', images: [{ tagged }] } });
    expect(said(ports).match(/: building \d+ files/g)).toHaveLength(1);
    const running = await kubectl(
      '-n',
      space,
      'get',
      'deployments',
      '-o',
      'jsonpath={.items[*].spec.template.spec.initContainers[*].image} {.items[*].spec.template.spec.containers[*].image}',
    );
    expect(running.trim().split(' ')).toEqual(Array(6).fill(tagged));
    expect(await up('web')).toMatchObject({ is: 'ok', result: { strategy: 'unchanged', unchanged: true } });
  });

  it('keeps the image when the deploy after it fails, and says that it was the deploy', async () => {
    const base = await busyboxImage();
    const space = await namespace('image-kept');
    const dir = tempProject({ Dockerfile: `FROM ${base}\nCOPY a /a\n`, a: String(Math.random()) });
    const image = imageOf(imageName('kept'), dockerfileBuild(dir));
    const ports = portsOf({ docker: await realDocker(), kube: await realKube() });
    const strategy = imageStrategy(() => createImageCache(ports.disk, tempProject()));
    const yaml = `${set('web', image.spec.ref)}wrong: field\n`;
    expect(await outcomeOf(strategy.run(workOf(space, yaml, [image]), never, ports))).toMatchObject({
      is: 'failed',
      phase: 'deploy',
      problem: { code: 'S312', at: { file: '/p/k8s.yaml', line: 10 } },
      images: [{ ref: image.spec.ref }],
    });
  });
});
