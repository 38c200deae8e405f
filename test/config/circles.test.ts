// Whatever needs itself in the end is told whole, with each step's place, in whichever files these are.
import { expect, it } from 'vitest';
import { deployment, project } from './project.ts';

const services = `services:
  db: {image: x, depends_on: [cache]}
  cache:
    image: x
    depends_on:
      mail: {condition: service_healthy}
  mail: {image: x}
`;
const web = deployment('web', 'x');
const namespace = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: shared}\n';
const inCluster = 'kubernetes: {manifests: [k8s/*.yaml]}\n';

const cases: readonly (readonly [string, Readonly<Record<string, string>>, readonly string[]])[] = [
  [
    'needs of sluice.yaml',
    {
      'sluice.yaml':
        'local: {a: {cmd: x}, b: {cmd: x}}\nresources:\n  a: {needs: [{name: b, update: rerun}]}\n  b: {needs: [a]}\n',
    },
    [
      'sluice.yaml:3:15 S108 resources need each other: a → b → a',
      'a needs b at sluice.yaml:3:15, b needs a at sluice.yaml:4:15: remove one of these',
    ],
  ],
  [
    'depends_on of a Compose file and needs of sluice.yaml',
    {
      'sluice.yaml':
        'compose: [compose.yaml]\nlocal: {gen: {cmd: x}}\nresources:\n  mail: {needs: [gen]}\n  gen: {needs: [db]}\n',
      'compose.yaml': services,
    },
    [
      'sluice.yaml:5:17 S108 resources need each other: gen → db → cache → mail → gen',
      'gen needs db at sluice.yaml:5:17, db needs cache at compose.yaml:2:31, cache needs mail at compose.yaml:6:13, mail needs gen at sluice.yaml:4:18: remove one of these',
    ],
  ],
  [
    'depends_on over two Compose files',
    {
      'sluice.yaml': 'compose: [compose.yaml, dev/more.yaml]\n',
      'compose.yaml': services,
      'dev/more.yaml': 'services:\n  mail: {links: [db]}\n',
    },
    [
      'compose.yaml:2:31 S108 services wait for each other: db → cache → mail → db',
      'db depends on cache at compose.yaml:2:31, cache depends on mail at compose.yaml:6:13, mail depends on db at dev/more.yaml:2:9: remove one of these',
    ],
  ],
  [
    'what belongs to no workload, which all of the cluster follows',
    {
      'sluice.yaml': `${inCluster}local: {gen: {cmd: x}}\nresources:\n  uncategorized: {needs: [gen]}\n  gen: {needs: [web]}\n`,
      'k8s/a.yaml': namespace,
      'k8s/web.yaml': web,
    },
    [
      'sluice.yaml:4:27 S108 resources need each other: uncategorized → gen → web → uncategorized',
      'uncategorized needs gen at sluice.yaml:4:27, gen needs web at sluice.yaml:5:17, web follows uncategorized at k8s/web.yaml:1:1: remove one of these',
    ],
  ],
];

it.each(cases)('%s', async (_, files, [what, hint]) => {
  const at = project(files);
  expect(await at.faults()).toEqual([what]);
  const found = await at.load();
  expect('problems' in found && found.problems[0]?.hint).toBe(hint);
});
