// What stays open to Docker (a log, a command, events, a build with its session) is given up where the daemon gives no sign of life,
// and a log goes on afterwards without a line twice or missing.
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { connectDocker } from '../../../src/adapters/docker/index.ts';
import { base, buildOf, removeLayers, seen } from '../../adapters/docker/builds/context.ts';
import { runningContainer } from '../../adapters/docker/running-container.ts';
import { docker, dockerHost } from '../../support/capability.ts';
import { eventually } from '../../support/facts.ts';
import { link } from '../../support/servers/link.ts';
import { tempProject } from '../../support/temp.ts';
import { row, since } from '../row.ts';

const never = new AbortController().signal;
const image = 'sluice-test/silent:1';
const isSocket = dockerHost.startsWith('unix:');

it.skipIf(!docker || !isSocket)('a daemon that is stopped, with everything open at once', async () => {
  const path = join(tempProject(), 'docker.sock');
  const way = await link({ to: { path: new URL(dockerHost).pathname }, path });
  const port = await connectDocker({ env: { DOCKER_HOST: `unix://${path}` }, home: '/nowhere' });
  onTestFinished(async () => {
    way.resume();
    await port.removeImage(image);
    removeLayers();
    port.close();
  });
  await seen(port.build(buildOf(base, { tags: [image] }), never));
  const { id } = await runningContainer(image, ['sh', '-c', 'n=0; while :; do n=$((n+1)); echo $n; sleep 0.1; done']);

  const errors: unknown[] = [];
  const failed = (error: unknown) => void errors.push(error);
  const lines: number[] = [];
  port.logs(id, null).subscribe(({ chunk }) => lines.push(...String(chunk).trim().split('\n').map(Number)));
  port.events().subscribe({ error: failed });
  const slow = buildOf(`${base}\nRUN ["sh", "-c", "sleep 30; echo ${Math.random()}"]\n`);
  port.build(slow, never).subscribe({ error: failed });
  const command = await port.exec(id, ['sh', '-c', 'cat'], { stdin: true }, never);
  command.exit.catch(failed);
  await eventually(() => (lines.length > 5 ? true : null), 'the log runs');

  // What was said at the connection is said to the first who asks.
  await port.info();
  way.stall();
  const start = performance.now();
  await expect(port.info()).rejects.toMatchObject({ problem: { kind: 'unavailable', code: 'S200' } });
  await eventually(() => (errors.length === 3 ? true : null), 'events, the build and the command are given up', 1_000);
  for (const error of errors) expect(error).toMatchObject({ problem: { kind: 'unavailable', code: 'S204' } });
  row('Docker silent, all connections', `noticed after ${since(start)} without an answer`);
  const before = lines.length;
  way.resume();
  await port.info();
  await eventually(
    () => (lines.length > before + 100 ? true : null),
    'the log goes on with what was written meanwhile',
    5_000,
  );
  expect(lines).toEqual(lines.map((_, i) => i + 1));
});
