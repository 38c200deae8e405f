// One graph of containers and pods: images of what waits are built meanwhile, and nothing of it runs before its need is there.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { PublicState } from '../../src/model/public-state.ts';
import { cluster, docker, kubeconfig } from '../support/capability.ts';
import { kubectl, namespace } from '../support/cluster/cluster.ts';
import { busyboxImage, removeImagesOf } from '../support/docker/images.ts';
import { drive } from '../support/drive.ts';
import { sluice } from '../support/sluice.ts';
import { dockerfile, workload } from './cluster/project.ts';
import { composeProject } from './compose/project.ts';

const compose = `services:
  db:
    image: sluice-test/busybox:1
    command: [sleep, "3600"]
    stop_grace_period: 0s
    healthcheck: {test: [CMD, test, -e, /ready], interval: 1s, start_period: 1h}
  web:
    build: ./web
    stop_grace_period: 0s
    depends_on: {db: {condition: service_healthy}}
`;

const settings = (image: string) => `compose: [compose.yaml]
images:
  ${image}: {context: ./api}
kubernetes: {manifests: [k8s/*.yaml], allow: [sluice-test]}
resources:
  api: {needs: [db]}
`;

const isBuilt = ({ resources }: PublicState, name: string): boolean => resources[name]?.update.hold?.built === true;

describe.skipIf(!docker || !cluster)('what waits for its needs', () => {
  it('is built meanwhile, again for a newer save, and deployed as it was built once the need is ready', async () => {
    await busyboxImage();
    const image = `sluicetest/ahead-${randomBytes(3).toString('hex')}`;
    onTestFinished(() => removeImagesOf(image));
    const place = await namespace('ahead');
    const files = {
      'sluice.yaml': settings(image),
      'compose.yaml': compose,
      'web/Dockerfile': dockerfile(),
      'web/www/index.html': 'first',
      'api/Dockerfile': dockerfile(),
      'api/www/index.html': 'first',
      'k8s/api.yaml': workload('api', image),
    };
    const { dir, env, ids, left } = composeProject(files, { KUBECONFIG: kubeconfig });
    const args = ['-n', place];
    const session = drive(dir, args, { env });
    const deployments = () => kubectl('-n', place, 'get', 'deployments', '-o', 'name');

    const waiting = await session.until(
      (state) => isBuilt(state, 'web') && isBuilt(state, 'api') && state.resources.db?.runtime.status === 'pending',
      'both are built, and what they need has begun',
    );
    expect(waiting.resources.web?.update).toMatchObject({ status: 'held', hold: { reason: 'needs', on: ['db'] } });
    expect(waiting.idle).toBe(false);
    expect([Object.keys(ids()), await deployments()]).toEqual([['db-1'], '']);
    expect((await sluice(dir, ['status'], { env: session.env })).stdout).toContain('built; held: needs db');

    for (const name of ['web', 'api']) writeFileSync(join(dir, name, 'www/index.html'), 'second');
    await session.until(
      ({ resources, ...state }) =>
        ['web', 'api'].every(
          (name) =>
            (resources[name]?.history.length ?? 0) > 1 &&
            isBuilt({ resources, ...state }, name) &&
            state.changes.seen > 0,
        ),
      'the save is built too',
    );
    expect([Object.keys(ids()), await deployments()]).toEqual([['db-1'], '']);

    execFileSync('docker', ['exec', ids()['db-1'] as string, 'touch', '/ready']);
    const fresh = await sluice(dir, ['wait', '--fresh', '--timeout', '80s'], { env: session.env });
    expect(fresh.code, fresh.stderr).toBe(0);
    const up = await session.idle();
    expect(up.changes.live).toBe(up.changes.seen);
    for (const name of ['web', 'api']) {
      const runs = up.resources[name]?.history ?? [];
      expect(runs.map(({ strategy }) => strategy)).toEqual([...runs.slice(1).map(() => 'build'), 'deploy']);
      expect(runs.map(({ why }) => why.at(-1)).at(0)).toBe('while it waits for db');
      expect(runs.at(-1)?.steps.map(({ step }) => step)).toEqual(['deploy']);
    }
    const served = execFileSync('docker', ['exec', ids()['web-1'] as string, 'cat', '/www/index.html']);
    expect(String(served)).toBe('second');
    expect(await kubectl('-n', place, 'exec', 'deploy/api', '--', 'cat', '/www/index.html')).toBe('second');
    await session.stop();
    expect((await sluice(dir, ['down', ...args], { env })).code).toBe(0);
    expect(left().containers).toEqual([]);
  });
});
