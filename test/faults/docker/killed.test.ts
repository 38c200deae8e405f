// A Docker that is stopped for a minute and goes on, and one that is killed in mid-build and started again: the daemon itself.
import { randomInt } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { clusterProject, dockerfile } from '../../e2e/cluster/project.ts';
import { cluster, docker } from '../../support/capability.ts';
import { hasEngine, ownEngine } from '../../support/docker/engine.ts';
import { drive } from '../../support/drive.ts';
import { eventually, processesWith, serves } from '../../support/facts.ts';
import { writeFiles } from '../../support/temp.ts';
import { row, since } from '../row.ts';

it.skipIf(!docker || !cluster || !hasEngine)(
  'a daemon that is stopped for a minute, and one that is killed',
  async () => {
    const engine = await ownEngine();
    // Each save is to be built: without a builder one of a page alone would be live meanwhile.
    const parts = { kubernetes: '  registry: localhost:5000', image: '    exchange: false' };
    const { dir, url, args } = await clusterProject('dockerkilled', parts);
    const session = drive(dir, args, { env: { DOCKER_HOST: engine.host } });
    await session.idle();
    await serves(url, 'first page');

    let start = performance.now();
    engine.signal('SIGSTOP');
    await session.until((state) => !state.docker.ok, 'Docker is known to be silent', 4_000);
    const silent = since(start);
    writeFiles(dir, { 'web/www/index.html': 'second page' });
    await pause(Math.max(0, start + 60_000 - performance.now()));
    expect(session.state.changes.live).toBeLessThan(session.state.changes.seen);
    engine.signal('SIGCONT');
    start = performance.now();
    await session.until((state) => state.docker.ok, 'Docker goes on', 5_000);
    const resumed = since(start);
    await serves(url, 'second page');
    row('Docker stopped for a minute', `noticed after ${silent}, back after ${resumed}`);

    // Stopped for a few seconds only, in mid-build: known, and nothing that was going on is given up for it.
    const short = `sleep ${randomInt(8, 10)}.${randomInt(1e6)}`;
    writeFiles(dir, {
      'web/www/index.html': 'page after a short stop',
      'web/Dockerfile': dockerfile(`RUN ["sh", "-c", "${short}; true"]`),
    });
    const [step] = await eventually(() => {
      const found = processesWith(short);
      return found.length > 0 ? found : null;
    }, 'the short build step runs');
    engine.signal('SIGSTOP');
    await session.until((state) => !state.docker.ok, 'Docker is known to be silent', 4_000);
    engine.signal('SIGCONT');
    await session.until((state) => state.docker.ok, 'Docker goes on', 5_000);
    expect(processesWith(short)).toContain(step);
    await serves(url, 'page after a short stop');

    const sleep = `sleep ${randomInt(20, 25)}.${randomInt(1e6)}`;
    writeFiles(dir, {
      'web/www/index.html': 'third page',
      'web/Dockerfile': dockerfile(`RUN ["sh", "-c", "${sleep}; true"]`),
    });
    await eventually(() => (processesWith(sleep).length > 0 ? true : null), 'the long build step runs');
    start = performance.now();
    const killed = engine.kill();
    await session.until((state) => !state.docker.ok, 'Docker is known to be gone', 2_000);
    const gone = since(start);
    writeFiles(dir, { 'web/www/index.html': 'fourth page', 'web/Dockerfile': dockerfile() });
    await killed;
    await engine.start();
    start = performance.now();
    await session.until((state) => state.docker.ok, 'Docker is back', 5_000);
    const back = since(start);
    await serves(url, 'fourth page');
    await session.idle();
    row('Docker killed with its containerd', `noticed after ${gone}, back after ${back}`);
    await session.stop();
  },
);
