// Hooks of charts: which resources they become, what waits for what, and what is never deployed.
import { expect, it } from 'vitest';
import type { Config, KubeSpec } from '../../../src/model/config.ts';
import { deployment, project } from '../project.ts';

const hook = (kind: string, name: string, events: string, weight = 0) =>
  `---\napiVersion: ${kind === 'Job' ? 'batch/v1' : 'v1'}\nkind: ${kind}\nmetadata: {name: ${name}, annotations: {helm.sh/hook: "${events}", helm.sh/hook-weight: "${weight}"}}\n${
    kind === 'Job' ? 'spec: {template: {spec: {containers: [{name: a, image: b}]}}}\n' : ''
  }`;
const settings = (name: string) => `---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\n`;
const space = '---\napiVersion: v1\nkind: Namespace\nmetadata: {name: space}\n';

const loaded = (yaml: string, more = '') =>
  project({
    'sluice.yaml': `kubernetes:\n  manifests: [{command: cat chart.yaml}, other.yaml]\n${more}`,
    'chart.yaml': yaml,
    'other.yaml': `${space}---\n${deployment('other', 'x')}`,
  }).config();
const needs = ({ resources }: Config) =>
  Object.fromEntries(Object.values(resources).map((spec) => [spec.name, spec.needs.map(({ name }) => name)]));
const holds = ({ resources }: Config, name: string) =>
  (resources[name] as KubeSpec).objects.map(({ object }) => `${object.kind} ${object.metadata.name}`);

it('those before a release come in the order of weights and are needed by all of it, and by nothing else', async () => {
  const config = await loaded(
    [
      deployment('web', 'x'),
      settings('shared'),
      hook('Job', 'late', 'pre-install,pre-upgrade', 5),
      hook('Job', 'migrate', 'pre-install,pre-upgrade', -1),
      hook('ServiceAccount', 'migrator', 'pre-install,pre-upgrade', -9),
    ].join('\n'),
    'resources: {migrate: {labels: [db]}}\n',
  );
  expect(needs(config)).toEqual({
    uncategorized: [],
    other: [],
    migrate: [],
    late: ['migrate'],
    'uncategorized:command': ['late'],
    web: ['late'],
  });
  expect(holds(config, 'migrate')).toEqual(['ServiceAccount migrator', 'Job migrate']);
  expect(holds(config, 'uncategorized')).toEqual(['Namespace space']);
  expect(holds(config, 'uncategorized:command')).toEqual(['ConfigMap shared']);
  expect(config.resources.migrate).toMatchObject({ labels: ['db'], ready: 'job' });
});

it('those after it need all of it, and one of several moments stands on both sides', async () => {
  const config = await loaded(
    [
      deployment('web', 'x'),
      hook('Job', 'web', 'post-install'),
      hook('Job', 'migrate', 'post-install,pre-upgrade', 1),
    ].join('\n'),
  );
  expect(needs(config)).toEqual({
    uncategorized: [],
    other: [],
    web: ['migrate'],
    migrate: [],
    'web:post': ['web'],
    'migrate:post': ['web:post'],
  });
  const moments = (name: string) => (config.resources[name] as KubeSpec).release?.hook;
  expect(moments('migrate')).toEqual({ when: 'before', moments: ['upgrade'] });
  expect(moments('migrate:post')).toEqual({ when: 'after', moments: ['install'] });
});

it('those whose moment never comes are left out, whatever they are', async () => {
  const config = await loaded(
    [
      deployment('web', 'x'),
      hook('Job', 'wipe', 'pre-delete'),
      hook('Pod', 'probe', 'test-success'),
      hook('Secret', 's', 'post-rollback'),
    ].join('\n'),
  );
  expect(needs(config)).toEqual({ uncategorized: [], web: [], other: [] });
  expect(config.leftOut).toEqual([
    { kind: 'Job', name: 'wipe', hook: 'pre-delete' },
    { kind: 'Pod', name: 'probe', hook: 'test-success' },
    { kind: 'Secret', name: 's', hook: 'post-rollback' },
  ]);
});

it('one for upgrades is another where its release is, one for installs is not', async () => {
  const digests = async (replicas: number) => {
    const web = deployment('web', 'x').replace('spec:\n', `spec:\n  replicas: ${replicas}\n`);
    const { resources } = await loaded(
      [web, hook('Job', 'a', 'pre-install'), hook('Job', 'b', 'pre-upgrade')].join('\n'),
    );
    return [resources.a?.digest, resources.b?.digest];
  };
  const [one, two] = [await digests(1), await digests(2)];
  expect(one[0]).toBe(two[0]);
  expect(one[1]).not.toBe(two[1]);
});
