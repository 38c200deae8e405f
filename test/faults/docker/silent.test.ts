// Docker goes in mid-build, or only falls silent, and its registry in mid-push: known soon, said in words, done when it is back.
import { randomInt } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { clusterProject, dockerfile } from '../../e2e/cluster/project.ts';
import { cluster, docker, dockerHost } from '../../support/capability.ts';
import { drive } from '../../support/drive.ts';
import { eventually, processesWith, serves } from '../../support/facts.ts';
import { type Link, link } from '../../support/servers/link.ts';
import { writeFiles } from '../../support/temp.ts';
import { row, since } from '../row.ts';

/** The Docker under test by another way. */
function dockerLink(): Promise<Link & { host: string }> {
  const path = join(tmpdir(), `sluice-test-${randomInt(1e9)}.sock`);
  const url = new URL(dockerHost);
  const to = url.protocol === 'unix:' ? { path: url.pathname } : { host: url.hostname, port: Number(url.port || 2375) };
  return link({ to, path }).then((way) => Object.assign(way, { host: `unix://${path}` }));
}

it.skipIf(!docker || !cluster || dockerHost.startsWith('ssh:'))(
  'Docker that goes in mid-build, or falls silent',
  async () => {
    const { dir, url, args } = await clusterProject('dockersilent');
    const way = await dockerLink();
    const session = drive(dir, args, { env: { DOCKER_HOST: way.host } });
    await session.idle();
    const building = async (text: string): Promise<string> => {
      const sleep = `sleep ${randomInt(20, 25)}.${randomInt(1e6)}`;
      writeFiles(dir, {
        'web/www/index.html': text,
        'web/Dockerfile': dockerfile(`RUN ["sh", "-c", "${sleep}; true"]`),
      });
      await eventually(() => (processesWith(sleep).length > 0 ? true : null), 'the long build step runs');
      return sleep;
    };
    const short = (text: string) => writeFiles(dir, { 'web/www/index.html': text, 'web/Dockerfile': dockerfile() });

    // Its connections are cut, and nobody is there.
    await building('second page');
    let start = performance.now();
    way.refuse();
    await session.until(({ docker: { ok } }) => !ok, 'Docker is known to be gone', 2_000);
    const gone = since(start);
    expect(session.resource('web').update.status).not.toBe('failed');
    short('third page');
    start = performance.now();
    way.accept();
    await session.until(({ docker: { ok } }) => ok, 'Docker is back', 5_000);
    const back = since(start);
    await serves(url, 'third page');
    await session.idle();
    row('Docker killed in mid-build', `noticed after ${gone}, back after ${back}`);

    // It says nothing any more, on connections that stay open.
    const sleep = await building('fourth page');
    start = performance.now();
    way.stall();
    await session.until(({ docker: { ok } }) => !ok, 'Docker is known to be silent', 4_000);
    const silent = since(start);
    expect(session.state.docker.problem).toMatchObject({ kind: 'unavailable' });
    await session.until(
      ({ resources: { web } }) => web?.update.hold?.reason === 'docker',
      'the build is given up',
      20_000,
    );
    short('fifth page');
    start = performance.now();
    way.resume();
    await session.until(({ docker: { ok } }) => ok, 'Docker is back', 5_000);
    const answers = since(start);
    await serves(url, 'fifth page');
    await session.idle();
    expect(processesWith(sleep)).toEqual([]);
    row('Docker silent in mid-build', `noticed after ${silent}, back after ${answers}`);
    await session.stop();
  },
);

it.skipIf(!docker || !cluster)('a registry that falls silent in mid-push', async () => {
  const registry = await link({ to: { host: '127.0.0.1', port: 5000 } });
  const { dir, args } = await clusterProject('registrysilent', {
    kubernetes: `  registry: localhost:${registry.port}`,
  });
  registry.stall();
  const session = drive(dir, args);
  const isTold = async (when: string): Promise<void> => {
    const start = performance.now();
    const failed = await session.until(
      ({ resources }) => resources.web?.update.problem !== undefined,
      'the registry is known to be silent',
      60_000,
    );
    expect(failed.resources.web?.update.problem).toMatchObject({
      kind: 'unavailable',
      code: 'S222',
      what: expect.stringContaining(`localhost:${registry.port}`),
    });
    row(`registry silent ${when}`, `noticed after ${since(start)}, build included`);
    registry.resume();
    await session.until(
      ({ resources }) => resources.web?.update.status === 'ok',
      'the push is made once it is back',
      30_000,
    );
  };
  await isTold('at the first push');
  await session.idle();
  // What is saved later may be pushed as it is built.
  registry.stall();
  writeFiles(dir, { 'web/www/index.html': 'second page' });
  await isTold('at a later one');
  await session.stop();
});
