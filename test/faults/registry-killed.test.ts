// The registry's process ends in mid-push: told as what it is, and the push is made once it is back, with all its layers.
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { clusterProject } from '../e2e/cluster/project.ts';
import { cluster, docker } from '../support/capability.ts';
import { drive } from '../support/drive.ts';
import { serves } from '../support/facts.ts';
import { hasRegistry, ownRegistry } from '../support/servers/registry.ts';
import { row, since } from './row.ts';

it.skipIf(!docker || !cluster || !hasRegistry)('a registry that is killed in mid-push, and started again', async () => {
  const registry = await ownRegistry();
  await registry.start();
  const { dir, url, args } = await clusterProject('registrykilled', {
    kubernetes: `  registry: localhost:${registry.port}`,
  });
  // A layer that takes a while, by what no compression makes smaller.
  writeFileSync(`${dir}/web/www/large`, randomBytes(96 * 1024 * 1024));
  const session = drive(dir, args);
  for (const deadline = performance.now() + 60_000; !registry.isReceiving(); await pause(2))
    expect(performance.now()).toBeLessThan(deadline);
  await registry.kill();
  let start = performance.now();
  const { resources } = await session.until(
    (state) => state.resources.web?.update.problem !== undefined,
    'the registry is known to be gone',
    20_000,
  );
  expect(resources.web?.update.problem).toMatchObject({
    kind: 'unavailable',
    code: 'S222',
    what: expect.stringContaining(`localhost:${registry.port}`),
  });
  const noticed = since(start);
  await registry.start();
  start = performance.now();
  await session.until((state) => state.resources.web?.update.status === 'ok', 'the push is made', 30_000);
  const back = since(start);
  // The cluster could not start what was not stored whole.
  await serves(url, 'first page');
  row('registry killed in mid-push', `noticed after ${noticed}, pushed ${back} after its return`);
  await session.stop();
});
