// Images built by others than Docker, with no Docker in reach at all.
import { execFile } from 'node:child_process';
import { chmodSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cluster, docker, kubeconfig } from '../../support/capability.ts';
import { namespace } from '../../support/cluster/cluster.ts';
import { builderImage } from '../../support/docker/builder-image.ts';
import { type Buildkitd, buildkitd, noBuildkitd } from '../../support/docker/buildkitd.ts';
import { drive } from '../../support/drive.ts';
import { processesWith } from '../../support/facts.ts';
import { gitServed } from '../../support/servers/git-server.ts';
import { sluice } from '../../support/sluice.ts';
import { tempProject, writeFiles } from '../../support/temp.ts';
import { workload } from '../cluster/project.ts';
import { hasKo, koSaves } from './ko-recipe.ts';

const run = promisify(execFile);
const noDocker = { DOCKER_HOST: 'unix:///nowhere/docker.sock' };

const kubectl = async (...args: string[]): Promise<string> =>
  (await run('kubectl', ['--kubeconfig', kubeconfig, ...args])).stdout;

const recipe = (image: string, more = ''): string =>
  `FROM ${image}-base\nCOPY www /www\nRUN cat /www/index.html${more}\nCMD ["httpd", "-f", "-p", "8080", "-h", "/www"]\n`;

/** Two images, one of them made from the other, and a page. `base`: the context of that other, a directory of its own by default. */
function project(image: string, builder: string, base = 'base'): string {
  const dir = tempProject();
  writeFiles(dir, {
    'sluice.yaml': `images:
  ${image}-base: {context: "${base}"}
  ${image}:
    context: web
    live:
      - sync: {from: web/www, to: /www}
      - restart: process
kubernetes: {manifests: [web.yaml], allow: [sluice-test]}
settings:
  builder: ${builder}
`,
    'web.yaml': workload('web', image),
    'web/Dockerfile': recipe(image),
    'web/www/index.html': 'first page\n',
  });
  withBase(dir);
  return dir;
}

function withBase(dir: string): void {
  writeFiles(dir, {
    'base/Dockerfile': 'FROM scratch\nCOPY busybox /bin/\nRUN ["/bin/busybox", "--install", "-s", "/bin"]\n',
  });
  copyFileSync('/bin/busybox', join(dir, 'base/busybox'));
  chmodSync(join(dir, 'base/busybox'), 0o755);
}

/** Saves that need no builder: a page, and another one in a directory that is new. What they came to. */
async function exchangedSaves(builder: string, story: string): Promise<void> {
  const image = `sluicetest/${story}-${process.pid}`;
  const name = await namespace(story);
  const dir = project(image, builder);
  writeFiles(dir, {
    'sluice.yaml': `images:
  ${image}-base: {context: base}
  ${image}: {context: web}
kubernetes: {manifests: [web.yaml], allow: [sluice-test]}
settings:
  builder: ${builder}
`,
    'web/Dockerfile': `FROM ${image}-base\nRUN echo built > /stamp\nCOPY www /www\nCMD ["httpd", "-f", "-p", "8080", "-h", "/www"]\n`,
  });
  const session = drive(dir, ['-n', name], { env: noDocker });
  await session.idle(120_000);
  for (const [path, text] of [
    ['index.html', 'second page\n'],
    ['more/page.html', 'another page\n'],
  ] as const) {
    const { seen } = session.state.changes;
    writeFiles(dir, { [`web/www/${path}`]: text });
    await session.until(({ changes }) => changes.live > seen, `${path} is live`, 60_000);
    expect(session.resource('web').update).toMatchObject({
      status: 'ok',
      strategy: 'files exchanged in the last image',
    });
    expect(await kubectl('-n', name, 'exec', 'deploy/web', '--', '/bin/cat', `/www/${path}`)).toBe(text);
  }
  await session.stop();
  const down = await sluice(dir, ['down', '--builder', '-n', name], { env: noDocker });
  expect(down.code).toBe(0);
}

describe.skipIf(noBuildkitd !== null || !cluster || !docker)('the builder in the cluster', () => {
  it('is not asked where files of its last image are exchanged', async () => {
    await exchangedSaves(`{cluster: {image: "${await builderImage()}", hostNetwork: true}}`, 'inside');
  });

  it('builds what a lost replica had begun on another, ends a stale and a stopped build in its pod, and goes with down --builder', async () => {
    const image = `sluicetest/in-${process.pid}`;
    const name = await namespace('builder');
    const cluster = `{image: "${await builderImage()}", replicas: 2, hostNetwork: true}`;
    // Fetched by the pods themselves: a branch and a directory of a repository.
    const far = tempProject();
    withBase(far);
    const { git } = await gitServed(far, 'dev');
    const dir = project(image, `{cluster: ${cluster}}`, `${git}#dev:base`);
    const mark = `mark-${process.pid}`;
    const slow = (seconds: number) => recipe(image, `; sleep ${seconds}; echo ${mark}`);
    writeFiles(dir, { 'web/Dockerfile': slow(8) });
    const session = drive(dir, ['-n', name], { env: noDocker });
    await session.logged(({ text }) => text.includes('first page'), 'the build has begun', 120_000);
    const [, pod = ''] = / in pod (\S+)$/.exec(
      (await session.logged(({ text }) => text.startsWith(`${image}: by `), 'the pod is named')).text,
    ) as RegExpExecArray;
    await kubectl('-n', name, 'delete', 'pod', pod, '--force', '--grace-period=0');
    await session.logged(({ text }) => text.includes(`${pod} was lost`), 'the loss is told');
    await session.until(({ resources }) => resources.web?.runtime.status === 'ready', 'web is ready', 120_000);
    const stale = 1_000_000 + process.pid;
    writeFiles(dir, { 'web/www/index.html': 'second page\n', 'web/Dockerfile': slow(stale) });
    await session.logged(({ text }) => text.includes('second page'), 'the next build has begun', 60_000);
    expect(processesWith(`sleep ${stale}`).length).toBeGreaterThan(0);
    writeFiles(dir, { 'web/www/index.html': 'third page\n', 'web/Dockerfile': slow(600) });
    await session.logged(({ text }) => text.includes('third page'), 'the one after a save has begun', 60_000);
    expect(processesWith(`sleep ${stale}`)).toEqual([]);
    expect(processesWith(mark).length).toBeGreaterThan(0);
    await session.stop(130).catch(() => session.ended);
    expect(processesWith(mark)).toEqual([]);
    const down = await sluice(dir, ['down', '--builder', '-n', name], { env: noDocker });
    expect(down.code).toBe(0);
    expect(await kubectl('-n', name, 'get', 'deployments,configmaps', '-l', 'sluice.dev/builder', '-o', 'name')).toBe(
      '',
    );
  });
});

describe.skipIf(noBuildkitd !== null || !cluster)('a builder of one’s choice', () => {
  let daemon: Buildkitd;
  beforeAll(async () => {
    daemon = await buildkitd();
  });
  afterAll(() => daemon.close());

  it('is not asked where files of its last image are exchanged', async () => {
    await exchangedSaves(`{buildkit: "${daemon.address}"}`, 'outside');
  });

  it('builds, pushes and is remembered without any Docker', async () => {
    const name = await namespace('buildkit');
    const dir = project(`sluicetest/kit-${process.pid}`, `{buildkit: "${daemon.address}"}`);
    const args = ['-n', name, '--once', '--plain'];
    const first = await sluice(dir, ['up', ...args], { env: noDocker });
    expect(first.stdout + first.stderr).toContain('first page');
    expect(first.code).toBe(0);
    const again = await sluice(dir, ['up', ...args], { env: noDocker });
    expect(again.stdout).toMatch(/unchanged, \S+@sha256:[0-9a-f]{64} is used again/);
    expect(again.code).toBe(0);
    const doctor = await sluice(dir, ['doctor', '-n', name], { env: noDocker });
    expect(doctor.stdout).toMatch(/ok +builder: BuildKit at unix:/);
    expect(doctor.stdout).not.toContain('docker:');
    const plan = await sluice(dir, ['plan', '-n', name], { env: noDocker });
    expect(plan.stdout).toContain('keep');
    const down = await sluice(dir, ['down', '-n', name], { env: noDocker });
    expect(down.code).toBe(0);
  });
});

// Where it is not there nothing of it is left out: its suite is of those who have it.
if (hasKo)
  describe.skipIf(!docker || !cluster)('ko', () => {
    it('makes a save live, by the packages of its program alone, and what does not compile is told', koSaves);
  });
else console.info('ko is not on the PATH: its recipe is tried with a program that bears its name alone');
