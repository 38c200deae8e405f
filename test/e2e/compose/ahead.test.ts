// Images that are only pulled, from a registry of the test's own: got while what their services need starts, when `--pull` says so and
// not otherwise. And a service that is started again on demand.
import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { docker } from '../../support/capability.ts';
import { busyboxImage } from '../../support/docker/images.ts';
import { drive } from '../../support/drive.ts';
import { eventually } from '../../support/facts.ts';
import { hasRegistry, ownRegistry } from '../../support/servers/registry.ts';
import { sluice } from '../../support/sluice.ts';
import { composeProject, dockerLines } from './project.ts';

const file = (image: string, pulled: string) => `
x-base: &base { command: [sleep, "1000"], stop_grace_period: 0s }
services:
  db:
    <<: *base
    image: ${image}
    healthcheck: { test: [CMD, test, -f, /ready], interval: 200ms, retries: 1000 }
  web: { <<: *base, image: "${pulled}", depends_on: { db: { condition: service_healthy } } }
  late: { <<: *base, image: "${pulled}", depends_on: [web] }
`;

it.skipIf(!docker || !hasRegistry)(
  'are pulled while their services wait, and as --pull has it; who is restarted is never said to have failed',
  async () => {
    const image = await busyboxImage();
    const registry = await ownRegistry();
    await registry.start();
    const pulled = `127.0.0.1:${registry.port}/app:1`;
    const isThere = (): boolean => dockerLines('images', '-q', pulled).length > 0;
    dockerLines('tag', image, pulled);
    dockerLines('push', '-q', pulled);
    dockerLines('rmi', pulled);
    const { dir, env, project, ids, inspected } = composeProject({ 'compose.yaml': file(image, pulled) });

    const session = drive(dir, [], { env });
    await session.until(({ resources }) => resources.web?.update.hold?.reason === 'needs', 'web waits for db');
    await eventually(async () => (isThere() ? true : null), 'its image is there');
    expect([session.resource('web').update.status, ids()['web-1']]).toEqual(['held', undefined]);
    await session.until(
      ({ resources }) => resources.db?.runtime.text === 'health: starting',
      'db is up, and not healthy',
    );
    await session.logged(
      ({ resource, text }) => resource === 'web' && text.startsWith('pulling '),
      'the pull is in its log',
    );
    dockerLines('exec', `${project}-db-1`, 'touch', '/ready');
    await session.idle();
    expect(Object.keys(ids()).sort()).toEqual(['db-1', 'late-1', 'web-1']);

    const started = () => inspected()['web-1'].State.StartedAt;
    const before = started();
    const told = new Set<string>();
    const restarted = sluice(dir, ['restart', 'web'], { env: { ...env, ...session.env } });
    await session.until(({ resources, idle }) => {
      const { update, runtime } = resources.web ?? {};
      told.add(`${update?.status} ${runtime?.status}`);
      return idle && runtime?.status === 'ready' && started() !== before;
    }, 'web is started again');
    expect(await restarted).toMatchObject({ code: 0 });
    expect([...told].filter((each) => each.includes('failed'))).toEqual([]);
    await session.stop();

    // What is there is taken as it is; what is not there and may not be pulled is said; asked for, the newest is pulled.
    await registry.kill();
    const up = (pull: string) => sluice(dir, ['up', '--once', '--plain', '--no-deps', '--pull', pull, 'web'], { env });
    expect(await up('missing')).toMatchObject({ code: 0 });
    await sluice(dir, ['down', '-t', '0'], { env });
    dockerLines('rmi', pulled);
    const never = await up('never');
    expect(never.stderr + never.stdout).toContain('is not there, and pull_policy is never');
    expect(never.code).not.toBe(0);
    await registry.start();
    const input = `FROM ${image}\nLABEL newer=${project}\n`;
    execFileSync('docker', ['build', '-q', '-t', pulled, '-'], { input });
    dockerLines('push', '-q', pulled);
    dockerLines('tag', image, pulled);
    expect(await up('always')).toMatchObject({ code: 0 });
    expect(inspected()['web-1'].Config.Labels.newer).toBe(project);
    await sluice(dir, ['down', '-t', '0'], { env });
    dockerLines('rmi', pulled);
  },
  180_000,
);
