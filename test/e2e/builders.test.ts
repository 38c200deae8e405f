// Images built by others than Docker, with no Docker in reach at all.
import { chmodSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Buildkitd, buildkitd, noBuildkitd } from '../support/buildkitd.ts';
import { cluster } from '../support/capability.ts';
import { namespace } from '../support/cluster.ts';
import { sluice } from '../support/sluice.ts';
import { tempProject, writeFiles } from '../support/temp.ts';
import { workload } from './cluster-project.ts';

const noDocker = { DOCKER_HOST: 'unix:///nowhere/docker.sock' };

/** Two images, one of them made from the other, and a page. */
function project(image: string, builder: string): string {
  const dir = tempProject();
  writeFiles(dir, {
    'sluice.yaml': `images:
  ${image}-base: {context: base}
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
    'base/Dockerfile': 'FROM scratch\nCOPY busybox /bin/\nRUN ["/bin/busybox", "--install", "-s", "/bin"]\n',
    'web/Dockerfile': `FROM ${image}-base\nCOPY www /www\nRUN cat /www/index.html\nCMD ["httpd", "-f", "-p", "8080", "-h", "/www"]\n`,
    'web/www/index.html': 'first page\n',
  });
  copyFileSync('/bin/busybox', join(dir, 'base/busybox'));
  chmodSync(join(dir, 'base/busybox'), 0o755);
  return dir;
}

describe.skipIf(noBuildkitd !== null || !cluster)('a builder of one’s choice', () => {
  let daemon: Buildkitd;
  beforeAll(async () => {
    daemon = await buildkitd();
  });
  afterAll(() => daemon.close());

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
