// What a Compose project costs is what Docker is asked: counted on the way to the real daemon.
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { docker } from '../../support/capability.ts';
import { busyboxImage } from '../../support/docker/images.ts';
import { sluice } from '../../support/sluice.ts';
import { type Call, counted } from './counted-calls.ts';
import { composeProject, dockerLines } from './project.ts';

it.skipIf(!docker)('a start asks for what there is once, an end stops what runs', async () => {
  const service = `image: "${await busyboxImage()}", stop_grace_period: 0s, environment: {SECRET: word}`;
  const running = ['a', 'b', 'c']
    .map((name) => `  ${name}:\n    <<: {${service}}\n    command: [sleep, "1000"]\n`)
    .join('')
    .replace('  a:\n', '  a:\n    stop_grace_period: 1s\n');
  const { dir, env, left, ids, edit } = composeProject({
    'compose.yaml': `services:\n${running}  ended: {${service}, command: ["true"], restart: "no"}\n`,
  });
  const socket = join(dir, 'docker.sock');
  const calls = await counted(socket);
  const through = { env: { ...env, DOCKER_HOST: `unix://${socket}` } };
  const up = async () => expect(await sluice(dir, ['up', '--once', '--plain'], through)).toMatchObject({ code: 0 });

  const cold = await calls(up);
  // Its environment is nobody's business who logs addresses.
  const created = cold.filter(({ path }) => path === '/containers/create');
  expect(created.map(({ query }) => query)).toEqual(['name', 'name', 'name', 'name']);

  const warm = await calls(up);
  const count = (all: readonly Call[], method: string, path: RegExp) =>
    all.filter((each) => each.method === method && path.test(each.path)).length;
  expect(count(warm, 'GET', /^\/containers\/json$/)).toBe(1);
  expect(count(warm, 'GET', /^\/images\/.*\/json$/)).toBe(1);
  expect(count(warm, 'GET', /^\/networks\/./)).toBe(1);
  expect(count(warm, 'POST', /create$/)).toBe(0);
  expect(count(warm, 'GET', /^\/info$/)).toBe(1);
  // One look at each that runs, for its state and its log alike.
  const looks = (all: readonly Call[], id: string) =>
    all.filter(({ method, path }) => method === 'GET' && path === `/containers/${id}/json`).length;
  const names = ['a-1', 'b-1', 'c-1'];
  expect(names.map((name) => looks(warm, ids()[name] ?? ''))).toEqual([1, 1, 1]);
  // Not at each of what happens to it; between its making and its start only where that takes long.
  for (const name of names) expect(looks(cold, ids()[name] ?? '')).toBeLessThanOrEqual(3);

  // What was killed has a log to be read: one look tells of that and of what is to be started, the next how it came up.
  dockerLines('kill', ...names.map((name) => ids()[name] ?? ''));
  const stopped = await calls(up);
  for (const name of names) expect(looks(stopped, ids()[name] ?? '')).toBeLessThanOrEqual(2);

  edit('compose.yaml', '  c:\n', '  c:\n    depends_on: [a]\n');
  const { 'a-1': first, 'c-1': last } = ids();
  const down = await calls(async () => expect(await sluice(dir, ['down'], through)).toMatchObject({ code: 0 }));
  expect(count(down, 'DELETE', /^\/containers\//)).toBe(4);
  // Only what is given time is stopped before it is taken away.
  expect(count(down, 'POST', /^\/containers\/.*\/stop$/)).toBe(1);
  // A list tells all that an end has to know.
  expect([count(down, 'GET', /^\/containers\/json$/), count(down, 'GET', /^\/containers\/.+\/json$/)]).toEqual([1, 0]);
  const at = (method: string, path: string) => down.findIndex((each) => each.method === method && each.path === path);
  // What needs another goes before it, and nothing of it is left by then.
  expect(at('DELETE', `/containers/${last}`)).toBeLessThan(at('POST', `/containers/${first}/stop`));
  // The network goes after the last of them has ended.
  expect(at('POST', `/containers/${first}/stop`)).toBeLessThan(
    down.findIndex(({ path }) => path.startsWith('/networks/')),
  );
  expect(left().containers).toEqual([]);
});

it.skipIf(!docker)(
  'services that are built start without a look at others that do, and at an image by one look',
  async () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const { project, dir, env, ids } = composeProject({
      'compose.yaml': `services:\n${names.map((each) => `  ${each}: {build: ., stop_grace_period: 0s}\n`).join('')}`,
      Dockerfile: `FROM ${await busyboxImage()}\nCMD ["sleep", "1000"]\n`,
    });
    expect(await sluice(dir, ['up', '--once', '--plain'], { env })).toMatchObject({ code: 0 });
    dockerLines('kill', ...Object.values(ids()));
    const imageOf = (service: string) => dockerLines('image', 'inspect', '-f', '{{.Id}}', `${project}-${service}`)[0];
    const before = imageOf('b');
    dockerLines('rmi', `${project}-b`);

    const starting = new Set<string>();
    let told = () => {};
    const allStart = new Promise<void>((resolve) => {
      told = resolve;
    });
    const socket = join(dir, 'docker.sock');
    // As Docker does: who looks at a container that starts waits.
    const calls = await counted(socket, async ({ method, path }) => {
      const [, id = '', what] = /^\/containers\/(\w+)\/(start|json)$/.exec(path) ?? [];
      if (method === 'POST' && what === 'start') starting.add(id);
      if (starting.size === names.length) told();
      if (what === 'json' && starting.has(id)) await allStart;
    });
    const through = { env: { ...env, DOCKER_HOST: `unix://${socket}` } };
    const all = await calls(async () =>
      expect(await sluice(dir, ['up', '--once', '--plain'], through)).toMatchObject({ code: 0 }),
    );
    expect(all.filter(({ method, path }) => method === 'GET' && path.startsWith('/images/'))).toHaveLength(
      names.length,
    );
    // Another had its name meanwhile, or none.
    expect(all.filter(({ path }) => path.endsWith('/tag'))).toHaveLength(1);
    expect(imageOf('b')).toBe(before);
  },
);

it.skipIf(!docker)('a network goes once its last container has left it, which may still be on its way', async () => {
  const service = `image: "${await busyboxImage()}", command: [sleep, "1000"], stop_grace_period: 0s`;
  const { dir, env, left, ids } = composeProject({
    'compose.yaml': `services:\n  a: {${service}}\n  b: {${service}}\n  c: {${service}, depends_on: [b]}\n`,
  });
  expect(await sluice(dir, ['up', '--once', '--plain'], { env })).toMatchObject({ code: 0 });
  const { 'b-1': last = '' } = ids();
  let told = () => {};
  const networkAsked = new Promise<void>((resolve) => {
    told = resolve;
  });
  const socket = join(dir, 'docker.sock');
  const calls = await counted(socket, async ({ method, path }) => {
    if (method !== 'DELETE') return;
    if (path.startsWith('/networks/')) told();
    if (path.endsWith(last)) await networkAsked;
  });
  const through = { env: { ...env, DOCKER_HOST: `unix://${socket}` } };
  const down = await calls(async () => expect(await sluice(dir, ['down'], through)).toMatchObject({ code: 0 }));
  expect(down.filter(({ method, path }) => method === 'DELETE' && path.startsWith('/networks/'))).toHaveLength(1);
  expect(left()).toMatchObject({ containers: [], networks: [] });
});

it.skipIf(!docker)('nothing is left of containers whose network cannot be made', async () => {
  const service = `{image: "${await busyboxImage()}", command: [sleep, "1000"], stop_grace_period: 0s}`;
  const { dir, env, left } = composeProject({
    'compose.yaml': `services:\n  a: ${service}\n  b: ${service}\nnetworks: {default: {driver: no-such-driver}}\n`,
  });
  const { code, stderr } = await sluice(dir, ['up', '--once', '--plain'], { env });
  expect(code).toBe(4);
  expect(stderr).toMatch(/no-such-driver/);
  expect(left()).toMatchObject({ containers: [], networks: [] });
});
