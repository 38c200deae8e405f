import { describe, expect, it } from 'vitest';
import type { ContainerStart } from '../../../src/model/config.ts';
import type { BuiltImage } from '../../../src/model/run.ts';
import { customKinds } from '../../../src/update/deploy/custom-kinds.ts';
import { injected } from '../../../src/update/deploy/injection.ts';
import { dockerfileBuild, imageOf, never, objects, portsOf, workOf } from '../real.ts';

const built = (ref: string, tag: string): BuiltImage => ({
  ref,
  id: `sha256:${tag}`,
  tagged: `localhost:5000/${ref}:${tag}`,
  inCluster: `registry:5000/${ref}:${tag}`,
  pushed: null,
  inputDigest: tag,
  change: 1,
  layers: 0,
});
const pod = `apiVersion: v1
kind: Pod
metadata: {name: all}
spec:
  imagePullSecrets: [{name: login}]
  initContainers: [{name: init, image: app}]
  containers:
    - {name: one, image: app, imagePullPolicy: Always}
    - {name: two, image: "app:stretch"}
    - {name: other, image: "nginx:1", imagePullPolicy: Always}
`;
const isNamespaced = async (_: string, kind: string) => kind !== 'ClusterRole';

describe('what is applied', () => {
  it('runs the built images in all containers, by the name that the nodes have for the registry', async () => {
    const images = ['app', 'app:stretch'].map((ref) => imageOf(ref, dockerfileBuild('/p')));
    const work = workOf('dev', pod, images);
    const result = await injected(
      work,
      [built('app', 'a'), built('app:stretch', 's')],
      isNamespaced,
      portsOf({}),
      never,
    );
    const spec = result.objects[0]?.spec as Record<string, { image: string; imagePullPolicy?: string }[]>;
    expect(spec.initContainers?.[0]).toMatchObject({ image: 'registry:5000/app:a', imagePullPolicy: 'IfNotPresent' });
    expect(spec.containers?.map(({ image, imagePullPolicy }) => [image, imagePullPolicy])).toEqual([
      ['registry:5000/app:a', 'IfNotPresent'],
      ['registry:5000/app:stretch:s', 'IfNotPresent'],
      ['nginx:1', 'Always'],
    ]);
    expect(spec.imagePullSecrets).toEqual([{ name: 'login' }]);
    expect(result.objects[0]?.metadata).toMatchObject({
      namespace: 'dev',
      labels: { 'sluice-resource': 'web', 'sluice-runid': 'first-session' },
    });
  });

  it.each<[string, ContainerStart, object]>([
    ['a command, without the arguments of the one before', { command: ['dev'], args: null }, { command: ['dev'] }],
    ['arguments', { command: null, args: ['-v'] }, { command: ['serve'], args: ['-v'] }],
    ['both', { command: ['dev'], args: ['-v'] }, { command: ['dev'], args: ['-v'] }],
  ])('starts its lasting containers by %s', async (_, start, expected) => {
    const yaml = `apiVersion: v1
kind: Pod
metadata: {name: all}
spec:
  initContainers:
    - {name: init, image: app, command: [migrate], args: [now]}
    - {name: side, image: "app:2", restartPolicy: Always}
  containers:
    - {name: one, image: app, command: [serve], args: [now]}
    - {name: other, image: nginx, args: [x]}
`;
    const image = imageOf('app', dockerfileBuild('/p'), { start });
    const { objects: all } = await injected(
      workOf('dev', yaml, [image]),
      [built('app', 'a')],
      isNamespaced,
      portsOf({}),
      never,
    );
    const { containers, initContainers } = all[0]!.spec as Record<string, Record<string, unknown>[]>;
    const ways = [...initContainers!, ...containers!].map(({ command, args }) => ({
      ...(command ? { command } : {}),
      ...(args ? { args } : {}),
    }));
    const { command } = start;
    const side = { ...(command ? { command } : {}), ...(start.args ? { args: start.args } : {}) };
    expect(ways).toEqual([{ command: ['migrate'], args: ['now'] }, side, expected, { args: ['x'] }]);
  });

  it('is in the namespace it names, else in that of the session, and in none where its kind has none', async () => {
    const yaml = [
      'ConfigMap, metadata: {name: a}',
      'ConfigMap, metadata: {name: b, namespace: own}',
      'ClusterRole, metadata: {name: c, namespace: odd}',
    ]
      .map((rest) => `{apiVersion: v1, kind: ${rest}}\n`)
      .join('---\n');
    const { objects } = await injected(workOf('dev', yaml), [], isNamespaced, portsOf({}), never);
    expect(objects.map(({ metadata }) => metadata.namespace)).toEqual(['dev', 'own', undefined]);
  });

  it('names every image that was built; bases of others are none to look for', async () => {
    const base = imageOf('base', dockerfileBuild('/b'));
    const app = imageOf('app', dockerfileBuild('/p'), { bases: ['base'] });
    const work = workOf('dev', pod, [base, app]);
    await injected(work, [built('base', 'b'), built('app', 'a')], isNamespaced, portsOf({}), never);
    const lonely = workOf('dev', pod, [imageOf('lonely', dockerfileBuild('/p'))]);
    await expect(injected(lonely, [built('lonely', 'l')], isNamespaced, portsOf({}), never)).rejects.toMatchObject({
      problem: { code: 'S263' },
    });
  });

  it('may be of kinds that it defines itself, in each version that is served', () => {
    const definition = objects(`apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.x.dev}
spec:
  group: x.dev
  scope: Cluster
  names: {kind: Thing, plural: things}
  versions: [{name: v1, served: true}, {name: v0, served: false}, {name: v2}]
`);
    expect(customKinds([...definition, ...objects(pod)])).toEqual([
      { apiVersion: 'x.dev/v1', kind: 'Thing', namespaced: false },
      { apiVersion: 'x.dev/v2', kind: 'Thing', namespaced: false },
    ]);
  });
});
