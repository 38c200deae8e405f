// What `init` drafts from projects as people have them, and what it says of the rest. Each draft is loaded before it is given.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { draftConfig } from '../../src/commands/init/init.ts';
import { tempProject } from '../support/temp.ts';

const pod = (name: string, image = 'redis:7', more = ''): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, labels: {app: ${name}}}\nspec: {containers: [{name: c, image: ${image}${more}}]}\n`;
const namespace = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n';

async function drafted(files: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}) {
  const dir = tempProject(files);
  const signal = new AbortController().signal;
  const { text, notes, resources } = await draftConfig(join(dir, 'sluice.yaml'), { HOME: dir, ...env }, signal);
  if (text === null) throw new Error('nothing was drafted');
  return { text, notes: notes.join('\n'), resources, value: parse(text) };
}

const skaffold = (body: string, version = 'v4beta14'): string =>
  `apiVersion: skaffold/${version}\nkind: Config\n${body}`;

describe('manifests found by init', () => {
  it('are those of one overlay of each family, and give the images', async () => {
    const found = await drafted({
      'shop/base/kustomization.yaml': 'resources: [web.yaml]\n',
      'shop/base/web.yaml': pod('web', 'shop/web'),
      'shop/overlays/dev/kustomization.yaml':
        'resources: [../../base]\nimages: [{name: shop/web, newName: r.example/shop/web}]\n',
      'shop/overlays/prod/kustomization.yaml': 'resources: [../../base]\nnamePrefix: prod-\n',
      'shop/parts/debug/kustomization.yaml': 'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n',
      'db/kustomization.yaml': 'resources: [db.yaml]\n',
      'db/db.yaml': pod('db'),
      'web/Dockerfile': 'FROM scratch\n',
    });
    expect(found.value).toEqual({
      images: { 'r.example/shop/web': { context: './web' } },
      kubernetes: { manifests: [{ kustomize: 'shop/overlays/dev' }, { kustomize: 'db' }] },
    });
    expect(found.notes).toBe('Other kustomizations: shop/overlays/prod.');
  });

  const kustomized = { 'base/kustomization.yaml': 'resources: [a.yaml]\n', 'base/a.yaml': pod('a') };
  it.each<[string, Record<string, string>, unknown[], string]>([
    [
      'in a plain file beside a kustomization',
      { 'install.yaml': pod('a'), ...kustomized },
      [{ kustomize: 'base' }],
      'install.yaml was left out: Pod a stands in base as well',
    ],
    [
      'in two files of a directory',
      { 'k8s/a.yaml': pod('a'), 'k8s/b.yaml': pod('a'), 'k8s/c.yaml': pod('c') },
      ['k8s/a.yaml', 'k8s/c.yaml'],
      'k8s/b.yaml was left out: Pod a stands in k8s/a.yaml as well',
    ],
    [
      'twice in one file',
      { 'k8s/a.yaml': `${pod('a')}---\n${pod('a')}`, 'k8s/c.yaml': pod('c') },
      ['k8s/c.yaml'],
      'k8s/a.yaml was left out: Pod a stands in k8s/a.yaml as well',
    ],
    [
      'in most of a directory',
      {
        'dev/a.yaml': pod('a'),
        'dev/b.yaml': pod('b'),
        'prod/a.yaml': pod('a'),
        'prod/b.yaml': pod('b'),
        'prod/c.yaml': pod('c'),
      },
      ['dev/*.yaml'],
      'prod (3 files) was left out: Pod a stands in dev/a.yaml as well',
    ],
    [
      'as a namespace that each brings along',
      { 'x/ns.yaml': namespace, 'x/a.yaml': pod('a'), 'y/ns.yaml': namespace, 'y/b.yaml': pod('b') },
      ['x/*.yaml', 'y/b.yaml'],
      'y/ns.yaml was left out: Namespace shop stands in x/ns.yaml as well',
    ],
  ])('leave out an object that stands twice: %s', async (_, files, manifests, note) => {
    const found = await drafted(files);
    expect(found.value.kubernetes.manifests).toEqual(manifests);
    expect(found.notes).toBe(note);
  });

  it('are none of tests, samples, documentation or vendored code, and tell why a file cannot be used', async () => {
    const foreign = [
      'test',
      'tests',
      'e2e',
      'examples',
      'samples',
      'third_party',
      'vendor',
      'site',
      'docs',
      'load-tests',
    ];
    const found = await drafted({
      ...Object.fromEntries(foreign.map((dir) => [`${dir}/x.yaml`, pod(dir)])),
      ...Object.fromEntries(foreign.map((dir) => [`deep/${dir}/Dockerfile`, 'FROM scratch\n'])),
      'k8s/a.yaml': pod('a'),
      'k8s/broken.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: {name: b\n',
      'k8s/nameless.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: {}\n',
      'k8s/template.yaml': 'apiVersion: v1\nkind: Pod\nmetadata:\n  {{ .Values.x }}: 1\n  name: {{ .Values.y }}\n',
      'catalog-info.yaml': 'apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: x}\n',
    });
    expect(found.value).toEqual({ kubernetes: { manifests: ['k8s/a.yaml'] } });
    expect(found.notes.split('\n')).toEqual([
      expect.stringMatching(/^k8s\/broken\.yaml was left out: .+, line \d$/),
      'k8s/nameless.yaml was left out: this Pod has no metadata.name, line 1',
      'k8s/template.yaml was left out: it is a template',
    ]);
  });

  it('that cannot be used at all leave a file that says so', async () => {
    const found = await drafted({ 'chart/Chart.yaml': 'name: x\n', 'k.yaml': 'apiVersion: v1\nkind: Pod\n' });
    expect(found.value).toEqual({ local: {} });
    expect(found.notes).toMatch(/^chart was left out: .+\nk\.yaml was left out: /);
  });
});

describe('a skaffold.yaml taken over by init', () => {
  const k = { 'k.yaml': pod('p', 'app') };
  const rawYaml = 'manifests: {rawYaml: [k.yaml]}\n';

  it('says by its name what cannot be said in sluice.yaml, and takes the rest', async () => {
    const found = await drafted(
      {
        ...k,
        Dockerfile: 'FROM scratch\nWORKDIR /srv\n',
        'a/x.py': '',
        'a/y.txt': '',
        'skaffold.yaml': skaffold(`metadata: {name: x}
build:
  platforms: [linux/amd64, linux/arm64]
  local: {push: false, concurrency: 3}
  tagPolicy: {sha256: {}}
  artifacts:
  - image: app
    platforms: [linux/amd64]
    hooks: {before: [{command: [a]}]}
    docker:
      buildArgs: {A: "{{.FOO}}", B: '{{default "x" .BAR}}', C: "{{.IMAGE_TAG}}", D: null, E: "$x"}
      secrets: [{id: s, src: f.txt}, {id: t, env: T}]
      ssh: default
      network: host
      noCache: true
    sync: {manual: [{src: "a/**/*.py", dest: .}], infer: ["**/*.html"]}
  - {image: jibbed, jib: {project: x}}
manifests:
  rawYaml: [k.yaml, "https://example.com/x.yaml"]
  kustomize: {paths: [nowhere], buildArgs: [--x]}
  helm: {releases: [{name: z, remoteChart: redis, repo: "https://c.example", version: 1.2.3, setValues: {a: x y}, wait: true}]}
test: [{image: app, structureTests: [x]}]
verify: [{name: v, container: {name: c, image: d}}]
deploy: {statusCheckDeadlineSeconds: 3, kubeContext: kind-dev, kubectl: {defaultNamespace: ns, flags: {global: [x]}}}
portForward: [{resourceType: service, resourceName: s, port: 80}]
`),
      },
      { FOO: '' },
    );
    expect(found.value).toEqual({
      images: {
        app: {
          context: '.',
          args: { A: '${FOO}', B: '${BAR:-x}', D: '${D:-}', E: '$$x' },
          secrets: ['id=s,src=f.txt', 'id=t,env=T'],
          ssh: ['default'],
          platform: 'linux/amd64',
          live: [{ fallback: ['a/**/*.txt'] }, { sync: { from: 'a', to: '/srv/a' } }],
        },
      },
      kubernetes: { manifests: ['k.yaml'], namespace: 'ns', context: 'kind-dev' },
    });
    const left = /Not taken over from skaffold\.yaml: (.*)\./.exec(found.notes)?.[1]?.split(', ');
    const artifact = 'build.artifacts[app]';
    expect(left).toEqual([
      'build.platforms',
      'build.local.push',
      'build.local.concurrency',
      'build.tagPolicy.sha256',
      `${artifact}.hooks.before`,
      `${artifact}.docker.buildArgs.C`,
      `${artifact}.docker.network`,
      `${artifact}.docker.noCache`,
      `${artifact}.sync.infer`,
      'build.artifacts[jibbed].jib.project',
      'manifests.rawYaml',
      'manifests.kustomize.buildArgs',
      'manifests.helm.releases[z].wait',
      'test',
      'verify',
      'deploy.statusCheckDeadlineSeconds',
      'deploy.kubectl.flags.global',
    ]);
    for (const said of [
      'The artifact jibbed is not built with Docker',
      'The variable D is not set here',
      'nowhere was left out: ',
      "helm template z redis --include-crds --repo=https://c.example --version=1.2.3 '--set=a=x y' was left out: ",
      'portForward 80 of service/s was left out: ',
    ])
      expect(found.notes).toContain(said);
  });

  const built = (artifacts: string): string => skaffold(`build: {artifacts: [${artifacts}]}\n${rawYaml}`);
  it.each<[string, Record<string, string>, Record<string, unknown>]>([
    [
      'bases before what is built from them',
      {
        'skaffold.yaml': built(
          '{image: app, context: app, requires: [{image: base, alias: BASE}]}, {image: base, context: base}',
        ),
        'app/Dockerfile': 'ARG BASE\nFROM $BASE\n',
        'base/Dockerfile': 'FROM scratch\n',
      },
      { base: { context: 'base' }, app: { context: 'app', args: { BASE: 'base' } } },
    ],
    [
      'a script, with what it is told',
      {
        'skaffold.yaml': built(
          '{image: app, context: my app, custom: {buildCommand: "./b.sh {{.IMAGE}}", dependencies: {paths: ["src/**", go.mod], ignore: [x]}}}',
        ),
        'my app/go.mod': '',
      },
      {
        app: {
          command: `cd 'my app' && export IMAGE="$SLUICE_IMAGE" IMAGE_REPO="\${SLUICE_IMAGE%:*}" IMAGE_TAG="$SLUICE_TAG" PUSH_IMAGE=false BUILD_CONTEXT="$PWD" && ./b.sh $IMAGE`,
          deps: ['my app/src/**', 'my app/go.mod'],
          ignore: ['x'],
        },
      },
    ],
    [
      'sync rules, the place within the context and what is stripped off',
      {
        'skaffold.yaml': built(
          '{image: app, context: web, sync: {manual: [{src: "src/**/*.js", dest: /app}, {src: "static/**", dest: /srv/static, strip: static/}, {src: "**/*.html", dest: /h, strip: pages/}, {src: x.js, dest: /x}]}}',
        ),
        'web/Dockerfile': 'FROM scratch\n',
        'web/src/a.js': '',
        'web/src/b.html': '',
        'web/pages/a.html': '',
      },
      {
        app: {
          context: 'web',
          live: [
            { fallback: ['web/Dockerfile', 'web/src/b.html'] },
            { sync: { from: 'web/src', to: '/app/src' } },
            { sync: { from: 'web/static', to: '/srv/static' } },
            { sync: { from: 'web/pages', to: '/h' } },
            { sync: { from: 'web/x.js', to: '/x/x.js' } },
            { sync: { from: 'web', to: '/h' } },
          ],
        },
      },
    ],
    [
      'names of before v1, and sync rules of before v1beta9',
      {
        'skaffold.yaml': skaffold(
          `build:
  artifacts: [{imageName: app, workspace: web, docker: {dockerfilePath: D, buildArgs: {A: 1}}, sync: {"src/*.js": /app, "css/***/*.css": /c}}]
deploy: {kubectl: {manifests: [k.yaml]}}
`,
          'v1alpha2',
        ),
        'web/D': 'FROM scratch\n',
      },
      {
        app: {
          context: 'web',
          dockerfile: 'web/D',
          args: { A: 1 },
          live: [{ sync: { from: 'web/src', to: '/app' } }, { sync: { from: 'web/css', to: '/c' } }],
        },
      },
    ],
    [
      'the profiles that skaffold dev activates, and their patches',
      {
        Dockerfile: 'FROM scratch\nFROM scratch AS t\n',
        'skaffold.yaml': `${built('{image: app, docker: {buildArgs: {A: a}}}')}profiles:
- {name: cmd, activation: [{command: "dev|debug"}], patches: [{path: /build/artifacts/0/docker/buildArgs/A, value: b}, {op: add, path: /build/artifacts/0/docker/target, value: t}]}
- {name: env, activation: [{env: MODE=^fast$}], patches: [{op: add, path: /build/artifacts/0/docker/buildArgs/E, value: e}]}
- {name: not, activation: [{command: "!dev"}], patches: [{op: add, path: /build/artifacts/0/docker/buildArgs/N, value: n}]}
- {name: both, requiresAllActivations: true, activation: [{command: dev}, {kubeContext: prod}], build: {artifacts: []}}
`,
      },
      { app: { context: '.', target: 't', args: { A: 'b', E: 'e' } } },
    ],
    [
      'files that it requires, with paths of their own',
      {
        'skaffold.yaml': `${skaffold('requires: [{path: web}, {git: {repo: x}}]\n')}---\n${skaffold('requires: [{path: gone}]\n')}`,
        'web/skaffold.yaml': skaffold(
          'build: {artifacts: [{image: app, context: src}]}\nmanifests: {rawYaml: ["*.k.yaml"]}\n',
        ),
        'web/src/Dockerfile': 'FROM scratch\n',
        'web/a.k.yaml': pod('p', 'app'),
      },
      { app: { context: 'web/src' } },
    ],
  ])('takes over %s', async (_, files, images) => {
    const found = await drafted({ ...k, ...files }, { MODE: 'fast' });
    expect(found.value.images).toEqual(images);
    expect(Object.keys(found.value.images)).toEqual(Object.keys(images));
    expect(found.resources).toEqual(['p']);
  });

  it('forwards the port of the workload that a Service leads to', async () => {
    const found = await drafted({
      'k.yaml': `${pod('p', 'redis:7', ', ports: [{name: web, containerPort: 8080}]')}---
apiVersion: v1
kind: Service
metadata: {name: s}
spec: {selector: {app: p}, ports: [{name: http, port: 80, targetPort: web}]}
`,
      'skaffold.yaml': skaffold(
        `${rawYaml}portForward: [{resourceType: Service, resourceName: s, port: http, localPort: 9000, address: 0.0.0.0}, {resourceType: pod, resourceName: p, port: 6379}]\n`,
      ),
    });
    expect(found.value.resources).toEqual({ p: { ports: ['0.0.0.0:9000:8080', '6379:6379'] } });
  });

  it.each([
    ['broken YAML', 'build: {artifacts: [\n'],
    ['no map', '- a\n'],
    [
      'odd types',
      'build: {artifacts: {image: x}, local: 3}\ndeploy: [1]\nmanifests: {rawYaml: {a: 1}, helm: {releases: [1]}}\nprofiles: {a: b}\n',
    ],
    ['names that tables have', 'build: {artifacts: [{image: constructor}, {image: __proto__}]}\n__proto__: {x: 1}\n'],
    ['an alias in itself', 'a: &a {b: *a}\n'],
  ])('writes a file where it holds %s', async (_, text) => {
    const found = await drafted({ 'skaffold.yaml': skaffold(text), 'k.yaml': pod('p', 'app') });
    expect(found.value).toEqual({ kubernetes: { manifests: ['k.yaml'] } });
    expect(found.notes).toContain('skaffold.yaml');
  });
});
