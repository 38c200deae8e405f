// `init`: what it writes is read back by sluice itself, and does what the project's other files say.
import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { sluice } from '../support/sluice.ts';
import { tempProject } from '../support/temp.ts';

const pod = (name: string, image: string): string =>
  `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}}
spec:
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec: {containers: [{name: main, image: "${image}"}]}
`;

/** Runs `init`, checks that `plan` takes what it wrote without a word, and gives the file as data. */
async function written(files: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}) {
  const dir = tempProject(files);
  const { code, stdout, stderr } = await sluice(dir, ['init'], { env });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const away = { DOCKER_HOST: 'unix:///no', KUBECONFIG: '/no' };
  const plan = await sluice(dir, ['plan', '--json'], { env: { ...env, ...away } });
  expect({ code: plan.code, stderr: plan.stderr }).toEqual({ code: 0, stderr: '' });
  const text = readFileSync(join(dir, 'sluice.yaml'), 'utf8');
  const resources = (JSON.parse(plan.stdout) as { resources: { name: string }[] }).resources.map(({ name }) => name);
  return { text, value: parse(text), stdout, resources };
}

describe('init', () => {
  it('finds the images and manifests of the example shop', async () => {
    const dir = tempProject();
    cpSync(fileURLToPath(new URL('../../examples/shop', import.meta.url)), dir, { recursive: true });
    rmSync(join(dir, 'sluice.yaml'));
    expect((await sluice(dir, ['init'])).code).toBe(0);
    const value = parse(readFileSync(join(dir, 'sluice.yaml'), 'utf8'));
    expect(Object.keys(value.images).sort()).toEqual(['shop/api', 'shop/db', 'shop/web', 'shop/worker']);
    expect(value.images['shop/api']).toEqual({ context: './api' });
    expect(value.kubernetes).toEqual({ manifests: ['k8s/*.yaml'] });
  });

  it('matches by the ending of a Dockerfile, and takes the context that holds what is copied', async () => {
    const { value, resources } = await written({
      'docker/Dockerfile.api': 'FROM scratch\nCOPY api/main.js /\n',
      'docker/web.Dockerfile': 'FROM scratch\nCOPY web.js /\n',
      'docker/web.js': '',
      'api/main.js': '',
      'deploy/a.yaml': pod('api', 'registry.example.com/team/api:1.2'),
      'deploy/b.yaml': pod('web', 'registry.example.com/team/my-web'),
      'deploy/values.yaml': 'just: values\n',
    });
    expect(value.images).toEqual({
      'registry.example.com/team/api': { context: '.', dockerfile: './docker/Dockerfile.api' },
      'registry.example.com/team/my-web': { context: './docker', dockerfile: './docker/web.Dockerfile' },
    });
    // A glob would take the values in.
    expect(value.kubernetes.manifests).toEqual(['deploy/a.yaml', 'deploy/b.yaml']);
    expect(resources).toEqual(['api', 'web']);
  });

  it('puts one Dockerfile and one own image together, whatever they are called, and says what it could not match', async () => {
    const one = await written({
      Dockerfile: 'FROM scratch\n',
      'k8s.yaml': `${pod('app', 'acme/thing')}---\n${pod('db', 'redis:7')}`,
    });
    expect(one.value.images).toEqual({ 'acme/thing': { context: '.' } });
    const left = await written({ 'tools/Dockerfile': 'FROM scratch\n', 'k8s.yaml': pod('db', 'redis:7') });
    expect(left.value.images).toBeUndefined();
    expect(left.text).toMatch(/^# tools\/Dockerfile: no manifest/m);
  });

  it('leaves out a manifest that repeats an object, so that what it writes can be used', async () => {
    const { value, text } = await written({
      'dev/app.yaml': pod('app', 'redis:7'),
      'prod/app.yaml': pod('app', 'redis:6'),
    });
    expect(value.kubernetes.manifests).toEqual(['dev/app.yaml']);
    expect(text).toContain('# prod/app.yaml was left out');
  });

  it('takes the overlay for development, rendered by kubectl', async () => {
    const { value, resources } = await written({
      'k/base/kustomization.yaml': 'resources: [app.yaml]\n',
      'k/base/app.yaml': pod('app', 'redis:7'),
      'k/dev/kustomization.yaml': 'resources: [../base]\n',
      'k/prod/kustomization.yaml': 'resources: [../base]\nnamePrefix: prod-\n',
    });
    expect(value.kubernetes.manifests).toEqual([{ kustomize: 'k/dev' }]);
    expect(resources).toEqual(['app']);
  });

  it('leaves out a chart where helm is not to be had', async () => {
    const { value, text } = await written({
      'charts/db/Chart.yaml': 'apiVersion: v2\nname: db\nversion: 0.1.0\n',
      'charts/db/templates/a.yaml': 'kind: {{ .Values.kind }}\n',
      'k8s.yaml': pod('app', 'redis:7'),
    });
    expect(value.kubernetes.manifests).toEqual(['k8s.yaml']);
    expect(text).toContain('# charts/db was left out');
  });

  it('writes what plan reads where nothing renders and no manifest names an image', async () => {
    const { value, text, resources } = await written(
      {
        'skaffold.yaml': `apiVersion: skaffold/v4beta7
kind: Config
build: {artifacts: [{image: web, context: web}, {image: tool}]}
manifests:
  rawYaml: ["k8s/*"]
  kustomize: {paths: [overlay]}
  helm: {releases: [{name: db, chartPath: charts/db}]}
`,
        'web/Dockerfile': 'FROM scratch\n',
        Dockerfile: 'FROM scratch\n',
        'overlay/kustomization.yaml': 'resources: [web.yaml]\n',
        'overlay/web.yaml': pod('web', 'web'),
        'charts/db/Chart.yaml': 'name: db\n',
        'k8s/template.yaml': 'apiVersion: v1\nkind: Pod\nmetadata:\n  {{ .Values.x }}: 1\n',
        'k8s/app.yaml': pod('app', 'redis:7'),
      },
      { PATH: '/nowhere' },
    );
    expect(value).toEqual({ kubernetes: { manifests: ['k8s/app.yaml'] } });
    expect(resources).toEqual(['app']);
    expect(text.split('\n').filter((line) => line.includes(' was left out: '))).toEqual([
      expect.stringMatching(/^# k8s\/template\.yaml was left out: /),
      '# overlay was left out: neither kubectl nor kustomize was found',
      '# charts/db was left out: helm was not found {helm: charts/db, name: db}',
      '# images.web was left out: the image web is in no manifest {context: web}',
      '# images.tool was left out: the image tool is in no manifest {context: .}',
    ]);
  });

  it('takes over artifacts, manifests and ports from Skaffold', async () => {
    const { value, text } = await written({
      'skaffold.yaml': `apiVersion: skaffold/v4beta7
kind: Config
build:
  artifacts:
    - image: acme/web
      context: web
      docker: {dockerfile: Dockerfile.dev, target: dev, buildArgs: {MODE: "$x", TAG: "{{.IMAGE_TAG}}"}}
      sync: {manual: [{src: "src/**", dest: .}]}
    - {image: acme/other, jib: {}}
manifests: {rawYaml: ["deploy/*.yaml"]}
portForward: [{resourceType: deployment, resourceName: web, port: 8080, localPort: 9000}]
profiles: [{name: prod}]
`,
      'web/Dockerfile.dev': 'FROM scratch AS dev\n',
      'deploy/web.yaml': pod('web', 'acme/web'),
    });
    expect(value.images).toEqual({
      'acme/web': { context: 'web', dockerfile: 'web/Dockerfile.dev', target: 'dev', args: { MODE: '$$x' } },
    });
    expect(value.kubernetes).toEqual({ manifests: ['deploy/*.yaml'] });
    expect(value.resources).toEqual({ web: { ports: ['9000:8080'] } });
    expect(text).toMatch(/acme\/other is not built with Docker/);
    expect(text).toMatch(/profiles are not taken over/);
    expect(text).toMatch(/sync rules of acme\/web/);
  });

  it('proposes servers of packages where there is nothing for a cluster', async () => {
    const { value, text } = await written({
      'package.json': '{"name": "@acme/shop", "scripts": {"start": "node ."}}',
      'admin/package.json': '{"scripts": {"dev": "vite"}}',
      'compose.yaml': 'services: {}\n',
    });
    expect(value).toEqual({
      local: { shop: { serve: 'npm run start' }, admin: { serve: 'npm run dev', dir: './admin' } },
    });
    expect(text).toMatch(/# compose\.yaml is not in it: write compose: \[compose\.yaml\]/);
  });

  it('never overwrites, prints with --dry-run, and ends with 2 where there is nothing', async () => {
    const dir = tempProject({ 'sluice.yaml': 'local: {}\n', 'k8s.yaml': pod('app', 'redis:7') });
    const refused = await sluice(dir, ['init']);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('--dry-run');
    expect(readFileSync(join(dir, 'sluice.yaml'), 'utf8')).toBe('local: {}\n');
    const dry = await sluice(dir, ['init', '--dry-run', '-f', 'other.yaml']);
    expect(parse(dry.stdout)).toEqual({ kubernetes: { manifests: ['k8s.yaml'] } });
    expect(existsSync(join(dir, 'other.yaml'))).toBe(false);

    const empty = await sluice(tempProject({}), ['init']);
    expect(empty.code).toBe(2);
    expect(empty.stderr).toContain('there is nothing to make a configuration from');

    const compose = tempProject({ 'compose.yml': 'services: {}\n' });
    const enough = await sluice(compose, ['init']);
    expect(enough).toMatchObject({ code: 0, stdout: expect.stringContaining('compose.yml is all that sluice needs') });
    expect(existsSync(join(compose, 'sluice.yaml'))).toBe(false);
  });
});
