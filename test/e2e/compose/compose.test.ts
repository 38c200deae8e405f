// A Compose project with no configuration of ours: brought up, edited, taken over and taken down, and after each of it
// `docker compose` agrees with what there is.
import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { docker } from '../../support/capability.ts';
import { compose, composeBinary } from '../../support/docker/compose.ts';
import { busyboxImage } from '../../support/docker/images.ts';
import { drive } from '../../support/drive.ts';
import { freePort, page, serves } from '../../support/facts.ts';
import { sluice } from '../../support/sluice.ts';
import { tempProject } from '../../support/temp.ts';

const example = fileURLToPath(new URL('../../../examples/compose', import.meta.url));

const dockerLines = (...args: string[]): string[] =>
  execFileSync('docker', args, { encoding: 'utf8' }).split('\n').filter(Boolean);

async function teaShop() {
  const dir = tempProject();
  cpSync(example, dir, { recursive: true });
  const [web, api] = [await freePort(), await freePort()];
  const project = `tea-${process.pid}-${web}`;
  const env = {
    BASE: await busyboxImage(),
    COMPOSE_PROJECT_NAME: project,
    WEB_PORT: String(web),
    API_PORT: String(api),
    // Nothing of a cluster is looked for.
    KUBECONFIG: '/nowhere/kubeconfig',
  };
  const label = `label=com.docker.compose.project=${project}`;
  const left = () => ({
    containers: dockerLines('ps', '-aq', '--filter', label),
    networks: dockerLines('network', 'ls', '-q', '--filter', label),
    volumes: dockerLines('volume', 'ls', '-q', '--filter', label),
  });
  const ids = (): Record<string, string> =>
    Object.fromEntries(
      dockerLines('ps', '-a', '--no-trunc', '--filter', label, '--format', '{{.Names}} {{.ID}}').map((line) => {
        const [name = '', id = ''] = line.split(' ');
        return [name.slice(project.length + 1), id];
      }),
    );
  onTestFinished(() => {
    const { containers, networks, volumes } = left();
    if (containers.length > 0) dockerLines('rm', '-fv', ...containers);
    if (networks.length > 0) dockerLines('network', 'rm', ...networks);
    if (volumes.length > 0) dockerLines('volume', 'rm', ...volumes);
    for (const service of ['web', 'api'])
      for (const image of dockerLines('images', '--format', '{{.Repository}}:{{.Tag}}', `${project}-${service}`))
        dockerLines('rmi', '-f', image);
  });
  return {
    dir,
    env,
    project,
    web: `http://127.0.0.1:${web}/`,
    api: `http://127.0.0.1:${api}/cgi-bin/prices`,
    ids,
    left,
  };
}

describe.skipIf(!docker)('a Compose project', () => {
  it('comes up in order, takes saves in place, is made anew where it changed, and leaves nothing', async () => {
    const { dir, env, web, api, ids, left } = await teaShop();
    const session = drive(dir, [], { env });
    const up = await session.idle();
    expect(
      Object.fromEntries(Object.values(up.resources).map(({ name, kind, runtime }) => [name, [kind, runtime.status]])),
    ).toEqual({
      web: ['compose', 'ready'],
      api: ['compose', 'ready'],
      worker: ['compose', 'ready'],
      cache: ['compose', 'ready'],
      database: ['compose', 'ready'],
      migrate: ['compose', 'done'],
    });
    expect(up.resources.worker?.runtime.pods.map(({ ready }) => ready)).toEqual([true, true]);
    expect(up.resources.web?.endpoints).toEqual(
      [web.replace('127.0.0.1', 'localhost')].map((url) => expect.stringContaining(new URL(url).port)),
    );
    expect(up.cluster.status).toBe('unknown');
    expect(await page(web)).toContain('The tea shop');
    expect(await page(api)).toContain('7 EUR');
    const before = ids();
    if (composeBinary) {
      const agreed = await compose(dir, ['up', '-d', '--dry-run', '--no-build'], env);
      expect(agreed).not.toMatch(/Recreate|Creating/);
      const running = (await compose(dir, ['ps', '--services', '--status', 'running'], env)).trim().split('\n').sort();
      expect(running).toEqual(['api', 'cache', 'database', 'web', 'worker']);
    }

    const inside = await sluice(dir, ['exec', 'database', 'cat', '/data/prices'], { env });
    expect(inside).toMatchObject({ code: 0, stdout: 'tea 7\n' });
    const beside = await sluice(dir, ['run', 'database', 'sh', '-c', 'cat /data/prices; exit 3'], { env });
    expect(beside).toMatchObject({ code: 3, stdout: 'tea 7\n' });
    expect(ids()).toEqual(before);

    await session.save('web/site/index.html', '<h1>The better tea shop</h1>\n');
    await serves(web, 'The better tea shop');
    const script = readFileSync(join(dir, 'api/cgi-bin/prices'), 'utf8');
    await session.save('api/cgi-bin/prices', script.replace('Green', 'Black'));
    await serves(api, 'Black tea');
    expect(session.resource('api').update.strategy).toBe('container');
    expect(ids()).toEqual(before);

    const file = readFileSync(join(dir, 'compose.yaml'), 'utf8');
    await session.save('compose.yaml', file.replace('CURRENCY: EUR', 'CURRENCY: CHF'));
    await serves(api, '7 CHF');
    const after = ids();
    expect(Object.keys(after).filter((name) => after[name] !== before[name])).toEqual(['api-1']);
    await session.stop();

    const down = await sluice(dir, ['down', '--volumes'], { env });
    expect(down).toMatchObject({ code: 0 });
    expect(left()).toEqual({ containers: [], networks: [], volumes: [] });
  });

  it.skipIf(!composeBinary)('is taken over from docker compose, and by it', async () => {
    const { dir, env, ids, left } = await teaShop();
    await compose(dir, ['up', '-d', '--wait', 'cache', 'worker'], env);
    const made = ids();
    const up = await sluice(dir, ['up', '--once', '--plain', 'worker', 'cache'], { env });
    expect(up).toMatchObject({ code: 0 });
    expect(ids()).toEqual(made);
    await compose(dir, ['down', '-v'], env);
    expect(left()).toEqual({ containers: [], networks: [], volumes: [] });
  });

  it('makes containers anew that are as they should be, with the anonymous volumes of before or with new ones', async () => {
    const image = await busyboxImage();
    const service = `{image: "${image}", command: [sleep, "1000"], stop_grace_period: 0s, volumes: [/data]}`;
    const dir = tempProject({ 'compose.yaml': `services: {web: ${service}}\n` });
    const env = { KUBECONFIG: '/nowhere/kubeconfig' };
    const look = async (...flags: string[]) => {
      const { code } = await sluice(dir, ['up', '--once', '--plain', ...flags], { env });
      expect(code).toBe(0);
      const format = '{{.Id}} {{(index .Mounts 0).Name}}';
      const [line = ''] = dockerLines('inspect', '-f', format, `${basename(dir).toLowerCase()}-web-1`);
      return line.split(' ') as [id: string, volume: string];
    };
    const first = await look();
    expect(await look('--renew-anon-volumes')).toEqual(first);
    const second = await look('--force-recreate');
    expect(second[0]).not.toBe(first[0]);
    expect(second[1]).toBe(first[1]);
    const third = await look('--force-recreate', '-V');
    expect(third[0]).not.toBe(second[0]);
    expect(third[1]).not.toBe(second[1]);
    expect(await sluice(dir, ['down', '--volumes'], { env })).toMatchObject({ code: 0 });
    // What was in use before is nobody's to delete.
    expect(dockerLines('volume', 'rm', second[1])).toEqual([second[1]]);
  });
});
