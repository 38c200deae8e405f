// `doctor`: what it finds on this machine, and what it says where something is wrong.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dockerCheck } from '../../src/commands/doctor/docker.ts';
import { supported } from '../../src/commands/doctor/docker-version.ts';
import { watchCheck } from '../../src/commands/doctor/files.ts';
import { nodeCheck } from '../../src/commands/doctor/machine.ts';
import type { DockerInfo } from '../../src/model/ports.ts';
import { cluster, docker } from '../support/capability.ts';
import { sluice } from '../support/sluice.ts';
import { tempProject } from '../support/temp.ts';

interface Check {
  readonly name: string;
  readonly status: string;
  readonly what: string;
  readonly hint?: string;
}

const local = 'local: {gen: {cmd: "true", deps: [src/]}}';

const deployed = (kubernetes: string): Readonly<Record<string, string>> => ({
  'sluice.yaml': `images: {app: {context: .}}\nkubernetes: {manifests: [k8s.yaml], ${kubernetes}}\n`,
  Dockerfile: 'FROM scratch\n',
  'k8s.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: {name: app}\nspec: {containers: [{name: app, image: app}]}\n',
});

async function checks(dir: string, env: Readonly<Record<string, string>> = {}) {
  const { code, stdout, stderr } = await sluice(dir, ['doctor', '--json'], { env });
  expect(stderr).toBe('');
  const answer = JSON.parse(stdout) as { ok: boolean; checks: readonly Check[] };
  const of = (name: string): readonly Check[] => answer.checks.filter((check) => check.name === name);
  return { code, ok: answer.ok, of };
}

describe('the version of Docker', () => {
  const found: DockerInfo = {
    context: 'default',
    host: 'unix:///var/run/docker.sock',
    version: '29.1.0',
    arch: 'amd64',
    buildkit: true,
    name: 'here',
    store: 'containerd',
  };

  it.each([
    ['29.0.0-rc.1', 'ok', '29 is supported'],
    ['28.0.4-rd', 'ok', '28 is supported'],
    ['20.10.24+dfsg1', 'ok', '20.10 is supported'],
    ['27.5.1', 'ok', 'between 29, 28 and 20.10'],
    ['23.0', 'ok', 'between 29, 28 and 20.10'],
    ['31.2.0', 'ok', 'newer than 29, 28 and 20.10'],
    ['dev', 'ok', 'of no version'],
    ['20.9.1', 'warn', 'older than 29, 28 and 20.10'],
    ['19.03.15', 'warn', 'older than 29, 28 and 20.10'],
    ['2.10.0', 'warn', 'older than 29, 28 and 20.10'],
  ])('%s is %s, and said of it is: %s', (version, status, words) => {
    const check = dockerCheck({ ...found, version });
    expect(check).toMatchObject({ status, what: expect.stringContaining(`Docker ${version} (amd64) at unix:///`) });
    expect(check.what).toContain(words);
    if (status === 'warn') expect(check.hint).toContain('20.10 or newer');
  });

  it('is none of Docker where that is Podman, whose builder nobody can change', () => {
    const { status, what } = dockerCheck({ ...found, version: '4.3.1', buildkit: false, isPodman: true });
    expect({ status, what }).toEqual({
      status: 'ok',
      what: 'Podman 4.3.1 (amd64) at unix:///var/run/docker.sock, context default, with its own builder',
    });
    expect(dockerCheck({ ...found, buildkit: false })).toMatchObject({
      status: 'warn',
      hint: expect.stringContaining('DOCKER_BUILDKIT'),
    });
  });

  it('is supported as the README says', () => {
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
    expect(readme).toContain(`Docker ${supported.slice(0, -1).join(', ')} and ${supported.at(-1)} are supported`);
  });
});

describe('doctor', () => {
  it('asks neither Docker nor a cluster for a project that needs none', async () => {
    const { code, ok, of } = await checks(tempProject({ 'sluice.yaml': local, 'src/a/b.txt': '' }), {
      DOCKER_HOST: 'unix:///nowhere',
      KUBECONFIG: '/nowhere',
    });
    expect({ code, ok }).toEqual({ code: 0, ok: true });
    expect(of('node')[0]).toMatchObject({ status: 'ok' });
    expect(of('configuration')[0]?.what).toMatch(/1 resource$/);
    // The project itself, src and src/a.
    expect(of('watches')[0]?.what).toMatch(/^3 directories/);
    expect([...of('docker'), ...of('cluster')]).toEqual([]);
  });

  it('says what is out of reach and how to mend it, and ends with 1', async () => {
    const dir = tempProject(deployed('context: nowhere'));
    const { code, of } = await checks(dir, { DOCKER_HOST: 'unix:///nowhere', KUBECONFIG: '/nowhere' });
    expect(code).toBe(1);
    expect(of('docker')[0]).toMatchObject({ status: 'fail', hint: expect.stringContaining('DOCKER_HOST') });
    expect(of('cluster')[0]).toMatchObject({ status: 'fail', what: expect.stringContaining('/nowhere') });
    const { stdout } = await sluice(dir, ['doctor'], {
      env: { DOCKER_HOST: 'unix:///nowhere', KUBECONFIG: '/nowhere' },
    });
    expect(stdout).toMatch(/^FAIL {2}docker: /m);
    expect(stdout).toMatch(/^ {6}hint: /m);
  });

  it('lists every problem of the configuration with its line, and looks at the rest all the same', async () => {
    const { code, of } = await checks(tempProject({ 'sluice.yaml': 'local:\n  a: {cmb: x}\n  b: {cmd: [x]}\n' }));
    expect(code).toBe(1);
    expect(of('configuration').map(({ what }) => what.match(/sluice\.yaml:\d+$/)?.[0])).toEqual([
      'sluice.yaml:2',
      'sluice.yaml:3',
    ]);
    expect(of('node')).toHaveLength(1);
  });

  it('works without a configuration', async () => {
    const { of } = await checks(tempProject());
    expect(of('configuration')[0]).toMatchObject({ status: 'fail', what: expect.stringContaining('no sluice.yaml') });
    expect(of('node')[0]).toMatchObject({ status: 'ok' });
  });

  it('names a renderer that is not on the PATH, and a lock that git left behind', async () => {
    const dir = tempProject({
      'sluice.yaml': `kubernetes: {manifests: [{helm: charts/db}]}\n`,
    });
    const { of } = await checks(dir, { PATH: '/nowhere' });
    expect(of('configuration')[0]?.what).toContain('helm');
    const held = tempProject({ 'sluice.yaml': local });
    mkdirSync(join(held, '.git'));
    writeFileSync(join(held, '.git', 'index.lock'), '');
    expect((await checks(held)).of('git')[0]).toMatchObject({
      status: 'warn',
      hint: expect.stringContaining('remove'),
    });
  });

  it('warns before the limit of watches is reached, and of a Node.js that is too old', () => {
    expect(watchCheck(10, 100, 90)).toMatchObject({ status: 'ok' });
    expect(watchCheck(11, 100, 90)).toMatchObject({
      status: 'warn',
      hint: expect.stringContaining('max_user_watches'),
    });
    expect(nodeCheck('20.18.3').status).toBe('fail');
    expect(nodeCheck('20.19.0').status).toBe('ok');
    expect(nodeCheck('22.1.0').status).toBe('ok');
  });

  it.skipIf(!docker || !cluster)('finds Docker, the cluster, its registry, and whether it may be touched', async () => {
    const well = await checks(tempProject(deployed('context: sluice-test')));
    expect(well).toMatchObject({ code: 0, ok: true });
    expect(well.of('docker')[0]?.what).toMatch(/^Docker \d.*, images in (containerd|its own store)/);
    expect(well.of('cluster').map(({ status }) => status)).toEqual(['ok', 'ok']);
    expect(well.of('context')[0]?.status).toBe('ok');
    expect(well.of('registry')[0]).toMatchObject({ status: 'ok', what: expect.stringContaining('localhost:5000') });

    const refused = await checks(tempProject(deployed('namespace: default')));
    expect(refused.code).toBe(1);
    expect(refused.of('context')[0]).toMatchObject({ status: 'fail', hint: expect.stringContaining('allow') });

    const wrong = await checks(tempProject(deployed('context: sluice-test, registry: "localhost:1"')));
    expect(wrong.of('registry')[0]).toMatchObject({ status: 'warn' });
  });
});
