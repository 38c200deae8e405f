// `plan`: what `up` would do, in order and with reasons; it changes nothing and needs nothing to be there.

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { createDisk } from '../../src/adapters/fs/disk.ts';
import { startOrder } from '../../src/commands/plan/order.ts';
import type { Plan } from '../../src/commands/plan/plan.ts';
import type { Config } from '../../src/model/config.ts';
import { inputOf } from '../../src/update/image/known/input-digest.ts';
import { createImageCache } from '../../src/update/image/known/known-images.ts';
import { clusterProject } from '../e2e/cluster/project.ts';
import { cluster, docker, kubeconfig } from '../support/capability.ts';
import { namespace } from '../support/cluster/cluster.ts';
import { dockerfileBuild } from '../support/docker/dockerfile-build.ts';
import { sluice } from '../support/sluice.ts';
import { tempProject } from '../support/temp.ts';

const pod = (name: string, image: string): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec: {containers: [{name: main, image: ${image}}]}\n`;

const files = {
  'sluice.yaml': `images:
  base: {context: base}
  app: {context: app}
kubernetes: {context: sluice-test, manifests: [k8s.yaml]}
local:
  gen: {cmd: make gen}
  idle: {serve: sleep 9, dir: .}
resources:
  app: {needs: [gen, db]}
  idle: {start: false}
  db: {trigger: manual}
`,
  'k8s.yaml': `${pod('app', 'app')}---\n${pod('db', 'redis:7')}---
apiVersion: v1
kind: Secret
metadata: {name: keys}
stringData: {token: "s3cret-t0ken"}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, annotations: {note: "has s3cret-t0ken inside"}}
data: {"on": "yes", long: "${'word '.repeat(40)}"}
`,
  // An image without any layer cannot be built.
  'base/Dockerfile': 'FROM scratch\nCOPY . /\n',
  'app/Dockerfile': 'FROM base\nCOPY . /\n',
  'app/main.js': '1',
};

const nowhere = { DOCKER_HOST: 'unix:///nowhere', KUBECONFIG: '/nowhere' };

async function planned(dir: string, env: Readonly<Record<string, string>> = nowhere, ...args: readonly string[]) {
  const { code, stdout, stderr } = await sluice(dir, ['plan', '--json', ...args], { env });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const plan = JSON.parse(stdout) as Plan;
  const image = (ref: string) =>
    plan.resources.flatMap(({ images }) => images).find((each) => each.ref === ref) ?? { action: 'none', why: '' };
  return { plan, image };
}

/** As a session would have built it, from what is on disk now. */
async function remembered(
  dir: string,
  ref: string,
  fields: { readonly id: string; readonly tagged: string },
): Promise<void> {
  const disk = createDisk();
  const at = { file: join(dir, 'sluice.yaml'), line: 1, column: 1 };
  const context = join(dir, ref);
  const spec = {
    ref,
    at,
    build: dockerfileBuild(context),
    files: { roots: [context], filters: [] },
    live: [],
    bases: [],
  } as const;
  const { digest } = await inputOf(spec, [], disk, new AbortController().signal);
  const image = { ref, ...fields, inCluster: fields.tagged, pushed: null, inputDigest: digest, change: 1, layers: 0 };
  await createImageCache(disk, dir).remember(image);
}

describe('plan', () => {
  it('lists resources in the order in which they start, with needs, and images with reasons', async () => {
    const { plan, image } = await planned(tempProject(files));
    expect(plan.resources.map(({ name }) => name)).toEqual(['uncategorized', 'gen', 'idle', 'db', 'app']);
    expect(plan.resources.find(({ name }) => name === 'app')?.needs.map(({ name }) => name)).toEqual(['gen', 'db']);
    expect(plan.resources.find(({ name }) => name === 'idle')).toMatchObject({ start: false, serve: 'sleep 9' });
    expect(image('base')).toMatchObject({ action: 'build', why: expect.stringContaining('not built here yet') });
    expect(image('app')).toMatchObject({ action: 'build', why: 'it is built from base' });
    expect(plan.docker).toMatchObject({ code: expect.any(String) });
    expect(plan.cluster).toMatchObject({ code: 'S300' });
  });

  it('limits itself to what is named and what that needs, and refuses a name that is none', async () => {
    const dir = tempProject(files);
    const { plan } = await planned(dir, nowhere, 'app');
    expect(plan.resources.map(({ name }) => name)).toEqual(['uncategorized', 'gen', 'db', 'app']);
    const unknown = await sluice(dir, ['plan', 'ap'], { env: nowhere });
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain('did you mean app?');
  });

  it('touches nothing: no notes, no socket, no file', async () => {
    const dir = tempProject(files);
    const text = await sluice(dir, ['plan'], { env: nowhere });
    expect(text.stdout).toMatch(
      /^5\. app {2}\(after gen has ended well, db is ready; built meanwhile\)\n {5}build base: .*\n {5}build app: /m,
    );
    expect(text.stdout).toContain('hint: ');
    expect(existsSync(join(dir, '.sluice'))).toBe(false);
  });

  it('prints the manifests as they would be applied, without the value of any Secret', async () => {
    const { code, stdout } = await sluice(tempProject(files), ['plan', '--manifests'], { env: nowhere });
    expect(code).toBe(0);
    expect(stdout).not.toContain('s3cret-t0ken');
    const objects = parseAllDocuments(stdout, { version: '1.1' }).map((document) => document.toJS());
    expect(objects.map(({ kind }) => kind)).toEqual(['Secret', 'ConfigMap', 'Pod', 'Pod']);
    expect(objects[0].stringData).toEqual({ token: '[redacted keys:token]' });
    expect(objects[1].data).toEqual({ on: 'yes', long: 'word '.repeat(40) });
  });

  it('cannot tell of an image built before without Docker, but of one whose files changed it can', async () => {
    const dir = tempProject(files);
    await remembered(dir, 'base', { id: 'sha256:0', tagged: 'localhost:5000/base:sluice-0' });
    expect((await planned(dir)).image('base')).toMatchObject({
      action: 'unknown',
      why: expect.stringContaining('Docker is not there'),
    });
    writeFileSync(join(dir, 'base', 'new'), '');
    expect((await planned(dir)).image('base')).toMatchObject({
      action: 'build',
      why: expect.stringContaining('changed since its last build'),
    });
    expect(readFileSync(join(dir, '.sluice', 'images.json'), 'utf8')).toContain('sha256:0');
  });

  it.skipIf(!docker || !cluster)('asks Docker and the cluster whether what was built is still there', async () => {
    const dir = tempProject(files);
    const tag = `sluice-test-plan-${process.pid}`;
    execFileSync('docker', ['build', '-q', '-t', tag, join(dir, 'base')], {
      env: { ...process.env, DOCKER_BUILDKIT: '0' },
      input: '',
      stdio: 'ignore',
    });
    onTestFinished(() => void execFileSync('docker', ['rmi', '-f', tag], { stdio: 'ignore' }));
    const id = execFileSync('docker', ['inspect', '-f', '{{.Id}}', tag], { encoding: 'utf8' }).trim();

    // In full: Docker takes the beginning of an id for any image whose id begins so.
    await remembered(dir, 'base', { id: `sha256:${'0'.repeat(64)}`, tagged: 'localhost:5000/base:sluice-0' });
    const gone = await planned(dir, {});
    expect(gone.plan).toMatchObject({
      docker: 'ok',
      cluster: 'ok',
      context: 'sluice-test',
      registry: 'localhost:5000',
    });
    expect(gone.image('base')).toMatchObject({ action: 'build', why: 'Docker no longer has it' });

    await remembered(dir, 'base', { id, tagged: 'localhost:5000/base:sluice-1' });
    expect((await planned(dir, {})).image('base')).toMatchObject({
      action: 'keep',
      tagged: 'localhost:5000/base:sluice-1',
    });
  });
});

describe.skipIf(!docker || !cluster)('plan after a session', () => {
  it('keeps what that built, until a file of it changes', async () => {
    const { dir, image, args } = await clusterProject('plan');
    const built = await sluice(dir, ['ci', '--stable', '0s', ...args]);
    expect(built).toMatchObject({ code: 0 });
    const same = await planned(dir, {}, ...args);
    expect(same.image(image)).toMatchObject({ action: 'keep', tagged: expect.stringContaining('localhost:5000/') });
    expect(same.plan.namespace).toBe(args[1]);
    expect((await sluice(dir, ['plan', '--diff', ...args])).stdout).toBe('nothing would change\n');
    writeFileSync(join(dir, 'web/www/index.html'), 'another page');
    expect((await planned(dir, {}, ...args)).image(image)).toMatchObject({ action: 'build' });
    const { stdout } = await sluice(dir, ['plan', '--diff', ...args]);
    expect(stdout.split('\n').filter((line) => /^[-+] /.test(line))).toEqual([
      expect.stringMatching(/^- +(- )?image: localhost:5000\/.*:sluice-[0-9a-f]+$/),
      expect.stringMatching(/^\+ +(- )?image: localhost:5000\/.*:not-built-yet$/),
    ]);
    expect((await sluice(dir, ['down', ...args])).code).toBe(0);
  });
});

describe.skipIf(!cluster)('what the cluster says to a plan', () => {
  const configMap = (name: string, more = ''): string =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {a: b}\n${more}`;

  it('is told before anything is touched: what is not ours, what would be refused, and its warnings', async () => {
    const space = await namespace('plan-says');
    const kubectl = (...args: readonly string[]) =>
      execFileSync('kubectl', ['-n', space, ...args], {
        env: { ...process.env, KUBECONFIG: kubeconfig },
        encoding: 'utf8',
      });
    kubectl('create', 'configmap', 'foreign', '--from-literal=a=c');
    kubectl('label', 'namespace', space, 'pod-security.kubernetes.io/warn=restricted');
    const objects = [
      configMap('foreign'),
      configMap('odd', 'unknown: 1\n'),
      configMap('new'),
      'apiVersion: example.com/v1\nkind: Nowhere\nmetadata: {name: x}\n',
      'apiVersion: v1\nkind: Secret\nmetadata: {name: keys}\nstringData: {token: s3cret-t0ken}\n',
      'apiVersion: v1\nkind: Namespace\nmetadata: {name: sluice-test-plan-not-there}\n',
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: later, namespace: sluice-test-plan-not-there}\n',
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: lost, namespace: sluice-test-plan-nowhere}\n',
      pod('warned', 'redis:7'),
    ];
    const dir = tempProject({
      'sluice.yaml': `kubernetes: {context: sluice-test, namespace: ${space}, manifests: [k8s.yaml]}\n`,
      'k8s.yaml': objects.join('---\n'),
    });
    const { plan } = await planned(dir, {});
    const problems = plan.resources.flatMap((resource) => resource.problems);
    expect(problems.map(({ code, what, at }) => [code, what, at?.line])).toEqual([
      ['S362', expect.stringContaining('configmap/foreign'), 1],
      [expect.any(String), expect.stringContaining('unknown'), expect.any(Number)],
      ['S313', expect.stringContaining('Nowhere'), expect.any(Number)],
      ['S318', expect.stringContaining('sluice-test-plan-nowhere'), expect.any(Number)],
    ]);
    expect(plan.resources.flatMap(({ warnings }) => warnings)).toEqual([
      expect.stringMatching(/^pod\/warned: would violate PodSecurity/),
    ]);
    const { stdout } = await sluice(dir, ['plan', '--diff']);
    expect(stdout).toContain(`+++ configmap/new in ${space}\n@@ -0,0 +1,`);
    expect(stdout).toContain('+  token: "***"\n');
    expect(stdout).not.toMatch(/configmap\/foreign in .*\n@@|s3cret|czNjcmV0/);
    expect(kubectl('get', 'configmap,secret,pod', '-o', 'name').split('\n')).toEqual([
      'configmap/foreign',
      'configmap/kube-root-ca.crt',
      '',
    ]);
  });

  it('is told of a namespace that is not there once, and for each resource in a word', async () => {
    const dir = tempProject({
      'sluice.yaml': 'kubernetes: {context: sluice-test, namespace: sluice-test-plan-none, manifests: [k8s.yaml]}\n',
      'k8s.yaml': [pod('a', 'redis:7'), pod('b', 'redis:7'), configMap('c')].join('---\n'),
    });
    const { stdout } = await sluice(dir, ['plan']);
    expect(
      stdout.match(/the namespace sluice-test-plan-none is not there\n {2}hint: make it: kubectl create/g),
    ).toHaveLength(1);
    expect(stdout.match(/ {5}would fail: no namespace sluice-test-plan-none$/gm)).toHaveLength(3);
    expect(stdout.match(/hint/g)).toHaveLength(1);
  });
});

describe('the order of resources', () => {
  const config = (needs: Readonly<Record<string, readonly string[]>>): Config =>
    ({
      order: Object.keys(needs),
      resources: Object.fromEntries(
        Object.entries(needs).map(([name, list]) => [
          name,
          { needs: list.map((need) => ({ name: need, update: 'order' })) },
        ]),
      ),
    }) as unknown as Config;

  it('is that of the file, what is needed first', () => {
    expect(startOrder(config({ a: ['c'], b: [], c: ['d'], d: [] }), [])).toEqual(['d', 'c', 'a', 'b']);
    expect(startOrder(config({ a: [], b: ['a'], c: [] }), ['b'])).toEqual(['a', 'b']);
  });
});

describe('a plan of a Compose project', () => {
  const compose =
    'name: tea\nservices:\n  db: {image: "db:1", volumes: ["data:/data"]}\n  web: {image: "web:1", depends_on: [db], scale: 2}\nvolumes: {data: {}}\n';

  it('says what its containers are made from, and has each service as docker compose config prints it', async () => {
    const dir = tempProject({ 'compose.yaml': compose });
    const text = await sluice(dir, ['plan']);
    expect(text.stdout).toContain('2. web  (after db is started)\n     run 2 containers of web:1\n');
    const { resources } = JSON.parse((await sluice(dir, ['plan', '--json'])).stdout) as Plan;
    expect(
      resources.map((resource) => [resource.name, resource.compose?.project, resource.compose?.containers]),
    ).toEqual([
      ['db', 'tea', 1],
      ['web', 'tea', 2],
    ]);
    expect(resources[0]?.compose?.config.volumes).toMatchObject([{ type: 'volume', source: 'data', target: '/data' }]);
    const [project] = parseAllDocuments((await sluice(dir, ['plan', '--manifests'])).stdout).map((each) => each.toJS());
    expect(project).toMatchObject({
      name: 'tea',
      services: { db: { image: 'db:1' }, web: { depends_on: { db: { condition: 'service_started' } } } },
      volumes: { data: { name: 'tea_data' } },
    });
  });

  it('says what of each need is waited for, what is built meanwhile and once, and from which images', async () => {
    const dir = tempProject({
      'compose.yaml': [
        'name: tea',
        'services:',
        '  db: {image: db, healthcheck: {test: x}}',
        '  cache: {image: cache}',
        '  migrate: {image: base, build: .}',
        '  web:',
        '    build: {context: ., dockerfile_inline: FROM base}',
        '    depends_on:',
        '      db: {condition: service_healthy, restart: true}',
        '      migrate: {condition: service_completed_successfully}',
        '      cache: {condition: service_started, required: false}',
        '',
      ].join('\n'),
      Dockerfile: 'FROM scratch\n',
    });
    const env = { DOCKER_HOST: 'unix:///nowhere' };
    const { stdout } = await sluice(dir, ['plan'], { env });
    const [head, ...steps] = stdout.slice(stdout.indexOf('4. web')).split('\n');
    expect(head).toBe(
      '4. web  (after cache is started if it can, db is ready (update: restart), migrate has ended well; built meanwhile)',
    );
    expect(steps.map((step) => step.trim().replace(/:.*/, ''))).toEqual([
      'use base',
      'build tea-web',
      'run a container of tea-web',
      '',
    ]);
    const { resources } = JSON.parse((await sluice(dir, ['plan', '--json'], { env })).stdout) as Plan;
    const web = resources.find(({ name }) => name === 'web');
    expect(web?.needs.map(({ name, waitsFor }) => [name, waitsFor])).toEqual([
      ['cache', 'started'],
      ['db', 'ready'],
      ['migrate', 'ended'],
    ]);
    expect([web?.builtMeanwhile, web?.images.map(({ ref, bases }) => [ref, bases])]).toEqual([
      true,
      [
        ['base', []],
        ['tea-web', ['base']],
      ],
    ]);
  });
});
