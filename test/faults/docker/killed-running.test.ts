// A Docker that is killed while it pushes, or while what runs in it is followed and updated in place: no line twice or missing, nothing called live
// that is not in the container.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { clusterProject } from '../../e2e/cluster/project.ts';
import { cluster, docker } from '../../support/capability.ts';
import { hasEngine, ownEngine } from '../../support/docker/engine.ts';
import { busyboxImage } from '../../support/docker/images.ts';
import { drive } from '../../support/drive.ts';
import { eventually, serves } from '../../support/facts.ts';
import { hasRegistry, ownRegistry } from '../../support/servers/registry.ts';
import { tempProject, writeFiles } from '../../support/temp.ts';
import { row, since } from '../row.ts';

/** Numbers that go up by one, and begin at one with each start of the program. */
const gaps = (numbers: readonly number[]): readonly string[] =>
  numbers.flatMap((each, i) =>
    i === 0 || each === (numbers[i - 1] as number) + 1 || each === 1 ? [] : [`${numbers[i - 1]}, ${each}`],
  );

const many = (text: string) =>
  Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`www/f${i}`, `${text} ${'x'.repeat(2_000)}`]));

it.skipIf(!docker || !cluster || !hasEngine || !hasRegistry)('a daemon that is killed in mid-push', async () => {
  const [engine, registry] = [await ownEngine(), await ownRegistry()];
  await registry.start();
  const { dir, url, args } = await clusterProject('dockerpush', {
    kubernetes: `  registry: localhost:${registry.port}`,
  });
  writeFileSync(`${dir}/web/www/large`, randomBytes(96 * 1024 * 1024));
  const session = drive(dir, args, { env: { DOCKER_HOST: engine.host } });
  await eventually(() => registry.isReceiving() || null, 'the push is under way', 60_000);
  let start = performance.now();
  const killed = engine.kill();
  await session.until((state) => !state.docker.ok, 'Docker is known to be gone', 2_000);
  const gone = since(start);
  await killed;
  await engine.start();
  start = performance.now();
  await session.until((state) => state.docker.ok, 'Docker is back', 5_000);
  const back = since(start);
  await session.until((state) => state.resources.web?.update.status === 'ok', 'the push is made', 60_000);
  const pushed = since(start);
  await serves(url, 'first page');
  row('Docker killed in mid-push', `noticed after ${gone}, back after ${back}, pushed after ${pushed}`);
  await session.stop();
});

it.skipIf(!docker || !hasEngine)('a daemon that is killed in mid-log and in mid-sync', async () => {
  const engine = await ownEngine();
  const count = 'i=0; while :; do i=$((i+1)); echo n$i; sleep 0.02; done';
  const dir = tempProject({
    'compose.yaml': `services:\n  web:\n    build: .\n    restart: always\n    stop_grace_period: 0s\n    command: [sh, -c, "${count.replaceAll('$', '$$$$')}"]\n    develop:\n      watch:\n        - {action: sync, path: www, target: /www}\n`,
    Dockerfile: `FROM ${await busyboxImage()}\nCOPY www /www\n`,
    ...many('first'),
  });
  const session = drive(dir, [], { env: { DOCKER_HOST: engine.host, KUBECONFIG: '/nowhere/kubeconfig' } });
  await session.idle();
  await session.logged(({ text }) => text === 'n50', 'the program counts');

  writeFiles(dir, many('second'));
  await session.until((state) => state.resources.web?.update.status === 'running', 'the sync is under way');
  let start = performance.now();
  const killed = engine.kill();
  await session.until((state) => !state.docker.ok, 'Docker is known to be gone', 2_000);
  const gone = since(start);
  expect(session.state.changes.live).toBeLessThan(session.state.changes.seen);
  await killed;
  await engine.start();
  start = performance.now();
  await session.until((state) => state.docker.ok, 'Docker is back', 5_000);
  const back = since(start);
  await session.until(({ changes, idle }) => changes.live === changes.seen && idle, 'the saves are live', 60_000);

  const inContainer = (command: string) => {
    const id = execFileSync('docker', ['ps', '-q', '--filter', 'label=com.docker.compose.service=web'], {
      encoding: 'utf8',
    });
    return execFileSync('docker', ['exec', id.trim(), 'sh', '-c', command], { encoding: 'utf8' }).trim();
  };
  expect(inContainer('grep -l "^second" /www/* | wc -l')).toBe('1000');
  const numbers = session.logs
    .filter(({ resource, source, text }) => resource === 'web' && source === 'runtime' && /^n\d+$/.test(text))
    .map(({ text }) => Number(text.slice(1)));
  expect(gaps(numbers)).toEqual([]);
  expect(numbers.filter((each) => each === 1)).toHaveLength(2);
  row('Docker killed in mid-log and mid-sync', `noticed after ${gone}, back after ${back}, ${numbers.length} lines`);
  await session.stop();
});
