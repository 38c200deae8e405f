// No Docker, no cluster, the wrong cluster, an image that is nowhere: what is said, and the exit code.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { cluster, docker, kubeconfig } from '../support/capability.ts';
import { kubectl } from '../support/cluster/cluster.ts';
import { drive } from '../support/drive.ts';
import { sluice } from '../support/sluice.ts';
import { tempProject } from '../support/temp.ts';
import { clusterProject } from './cluster/project.ts';

const nowhere = 'https://127.0.0.1:1';

describe.skipIf(!docker || !cluster)('without what it needs', () => {
  it('no Docker is said with the endpoint and what to do; ci gives up with 6', async () => {
    const { dir, args } = await clusterProject('nodocker');
    const env = { DOCKER_HOST: 'unix:///nowhere/docker.sock' };
    const session = drive(dir, args, { env });
    const state = await session.until((now) => now.docker.problem !== undefined, 'Docker is reported missing');
    expect(state.docker).toMatchObject({ ok: false, problem: { kind: 'unavailable', hint: expect.any(String) } });
    expect(state.docker.problem?.what).toContain('/nowhere/docker.sock');
    await session.stop();
    const { code, stdout, stderr } = await sluice(dir, ['ci', '--timeout', '5s', ...args], { env });
    expect(code).toBe(6);
    expect(stdout + stderr).toContain('/nowhere/docker.sock');
  });

  it('no cluster is said with its address; ci gives up with 6', async () => {
    const { dir, args } = await clusterProject('nocluster');
    const text = readFileSync(kubeconfig, 'utf8').replace(/https:\/\/127\.0\.0\.1:\d+/, nowhere);
    const env = { KUBECONFIG: join(tempProject({ kubeconfig: text }), 'kubeconfig') };
    const { code, stdout, stderr } = await sluice(dir, ['ci', '--timeout', '5s', ...args], { env });
    expect(code).toBe(6);
    expect(stdout + stderr).toContain('127.0.0.1:1');
  });

  it('a login that is refused ends ci and down with the same code', async () => {
    const { dir, args } = await clusterProject('login');
    const access = parse(readFileSync(kubeconfig, 'utf8'));
    const users = access.users.map(({ name }: { name: string }) => ({ name, user: { token: 'ended' } }));
    const env = { KUBECONFIG: join(tempProject({ kubeconfig: stringify({ ...access, users }) }), 'kubeconfig') };
    for (const command of [['ci', '--timeout', '20s'], ['down']]) {
      const { code, stderr } = await sluice(dir, [...command, ...args], { env });
      expect([command[0], code, stderr]).toEqual([
        command[0],
        2,
        expect.stringContaining('does not accept your login'),
      ]);
    }
  });

  it('no kubeconfig at all is said', async () => {
    const { dir, args } = await clusterProject('nokubeconfig');
    const env = { KUBECONFIG: '/nowhere/config', HOME: '/nowhere' };
    const { code, stdout, stderr } = await sluice(dir, ['ci', '--timeout', '5s', ...args], { env });
    expect([2, 6]).toContain(code);
    expect(stdout + stderr).toMatch(/kubeconfig|\/nowhere\/config/);
  });

  it('a context that does not exist names those that do, with 2', async () => {
    const { dir, args } = await clusterProject('context');
    const { code, stderr } = await sluice(dir, ['up', '--once', '--plain', '--context', 'no-such', ...args]);
    expect(code).toBe(2);
    expect(stderr).toContain('no-such');
    expect(stderr).toContain('sluice-test');
  });

  it('a cluster that might be production is refused with 2, and nothing is deployed', async () => {
    const { dir, namespace, args } = await clusterProject('guard');
    const guarded = readFileSync(join(dir, 'sluice.yaml'), 'utf8').replace('  allow: [sluice-test]\n', '');
    const project = tempProject({
      'sluice.yaml': guarded,
      'web/Dockerfile': readFileSync(join(dir, 'web/Dockerfile'), 'utf8'),
      'web/www/index.html': 'x',
      'k8s/web.yaml': readFileSync(join(dir, 'k8s/web.yaml'), 'utf8'),
    });
    for (const command of [['up', '--once', '--plain'], ['ci', '--timeout', '30s'], ['down']]) {
      const { code, stdout, stderr } = await sluice(project, [...command, ...args]);
      expect(code, command[0]).toBe(2);
      expect(stdout + stderr).toMatch(/sluice-test/);
      expect(stdout + stderr).toContain('allow');
    }
    expect(await kubectl('-n', namespace, 'get', 'deployments', '-o', 'name')).toBe('');
  });

  it('an image that no manifest uses is a configuration error with its line', async () => {
    const { dir, args, image } = await clusterProject('unused');
    const config = readFileSync(join(dir, 'sluice.yaml'), 'utf8').replace(image, `${image}-typo`);
    const project = tempProject({
      'sluice.yaml': config,
      'web/Dockerfile': 'FROM scratch\n',
      'k8s/web.yaml': readFileSync(join(dir, 'k8s/web.yaml'), 'utf8'),
    });
    const { code, stderr } = await sluice(project, ['up', '--once', '--plain', ...args]);
    expect(code).toBe(2);
    expect(stderr).toContain(`${image}-typo`);
    expect(stderr).toMatch(/sluice\.yaml:2:\d+/);
  });
});
