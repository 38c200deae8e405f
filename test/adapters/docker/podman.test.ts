// Podman by its service, which speaks Docker's API: what of it is used, and what it cannot do, with the reason. Where it is installed.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastValueFrom } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createClient } from '../../../src/adapters/docker/connection/client.ts';
import { resolveEndpoint } from '../../../src/adapters/docker/connection/endpoint.ts';
import { lookAt } from '../../../src/adapters/docker/containers/engine-containers.ts';
import { connectDocker } from '../../../src/adapters/docker/index.ts';
import type { DockerPort } from '../../../src/model/ports.ts';
import { cluster } from '../../support/capability.ts';
import { eventually } from '../../support/facts.ts';
import { base, buildOf, contextOf, problemFrom, seen } from './builds/context.ts';

const never = new AbortController().signal;

function isInstalled(): boolean {
  try {
    execFileSync('podman', ['--version'], { stdio: 'ignore' });
    return process.getuid?.() === 0;
  } catch {
    return false;
  }
}

const podman = (): void => {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-test-podman-'));
  const socket = join(dir, 'podman/podman.sock');
  const own = [
    '--root',
    join(dir, 'root'),
    '--runroot',
    join(dir, 'run'),
    '--storage-driver',
    'vfs',
    '--cgroup-manager',
    'cgroupfs',
  ];
  let service: ReturnType<typeof spawn>;
  let port: DockerPort;
  beforeAll(async () => {
    mkdirSync(join(dir, 'podman'));
    service = spawn('podman', [...own, 'system', 'service', '--time=0', `unix://${socket}`], { stdio: 'ignore' });
    port = await eventually(
      () => connectDocker({ env: { DOCKER_HOST: `unix://${socket}` }, home: '/nowhere' }).catch(() => null),
      'Podman answers',
    );
  });
  afterAll(async () => {
    port?.close();
    const ended = new Promise((resolve) => service.once('exit', resolve));
    service.kill('SIGTERM');
    await ended;
    execFileSync('sh', ['-c', 'mount | cut -d" " -f3 | grep "^$1/" | xargs -r umount -l', 'sh', dir]);
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  });

  it('builds with its own builder, tags, and tells what the steps say', async () => {
    expect((await port.info(never)).buildkit).toBe(false);
    const { output, id } = await seen(
      port.build(buildOf(`${base}\nRUN echo by podman`, { tags: ['localhost/sluice-test/p:1'] }), never),
    );
    expect(output).toContain('by podman');
    expect(await port.image('localhost/sluice-test/p:1')).toMatchObject({ id });
  });

  it('gives the steps the hosts and limits that are asked for', async () => {
    const options = { extraHosts: { db: '10.1.2.3' }, ulimits: { nofile: { soft: 512, hard: 512 } } };
    const { output } = await seen(
      port.build(buildOf(`${base}\nRUN cat /etc/hosts; ulimit -n`, { options, noCache: true }), never),
    );
    expect(output).toMatch(/^10\.1\.2\.3\s+db$.*^512$/ms);
  });

  // To the registry of the test cluster.
  it.skipIf(!cluster)('pushes', async () => {
    const { id } = await seen(port.build(buildOf(base), never));
    const ref = `localhost:5000/sluice-test/podman-${process.pid}:1`;
    await port.tag(id, ref);
    expect(await lastValueFrom(port.push(ref, never))).toMatchObject({
      is: 'pushed',
      digest: expect.stringMatching(/^sha256:/),
    });
  });

  it('says what it cannot do', async () => {
    const refused = (more: object) => problemFrom(seen(port.build(buildOf(base, more), never)));
    expect(await refused({ secrets: ['id=a,src=/etc/hostname'] })).toMatchObject({
      code: 'S214',
      hint: expect.stringContaining('Podman'),
    });
    expect(await refused({ directories: { lib: contextOf({}) } })).toMatchObject({
      code: 'S265',
      hint: expect.stringContaining('Podman'),
    });
  });

  it('runs commands in a container', async () => {
    const { id } = await seen(port.build(buildOf(`${base}\nENV PATH=/bin\nCMD ["sleep", "600"]`), never));
    const made = execFileSync(
      'podman',
      [
        ...own,
        'run',
        '-d',
        '--network',
        'none',
        '--ulimit',
        'nofile=1024:1024',
        '--ulimit',
        'nproc=1024:1024',
        id.replace('sha256:', ''),
      ],
      {
        encoding: 'utf8',
      },
    ).trim();
    try {
      const exec = await port.exec(made, ['echo', 'inside'], {}, never);
      let said = '';
      exec.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
      expect((await exec.exit).code).toBe(0);
      expect(said).toBe('inside\n');
    } finally {
      execFileSync('podman', [...own, 'rm', '-f', '-t', '0', made], { stdio: 'ignore' });
    }
  });
};

// Where it is not there nothing of it is left out: its suite is of those who have it.
if (isInstalled()) describe('Podman', podman);

it('the socket of Podman is found where there is no Docker, that of the user first', async () => {
  const home = mkdtempSync(join(tmpdir(), 'sluice-test-home-'));
  try {
    mkdirSync(join(home, 'run/podman'), { recursive: true });
    symlinkSync('/dev/null', join(home, 'run/podman/podman.sock'));
    const { host } = await resolveEndpoint({ XDG_RUNTIME_DIR: join(home, 'run') }, home, '/nowhere/docker.sock');
    expect(host).toBe(`unix://${home}/run/podman/podman.sock`);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});

it('a container has no healthcheck where its health is empty, and no id of a network where that is its name', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-test-podman-'));
  const path = join(dir, 'podman.sock');
  const inspected = {
    Id: 'c1',
    Name: '/shop-web-1',
    Config: { Image: 'web' },
    HostConfig: {},
    State: { Status: 'running', Health: { Status: '', FailingStreak: 0, Log: null } },
    NetworkSettings: { Networks: { shop_default: { NetworkID: 'shop_default' }, other: { NetworkID: 'n1' } } },
  };
  const server = http.createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(inspected));
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const client = createClient(await resolveEndpoint({ DOCKER_HOST: `unix://${path}` }, '/nowhere'), {});
  onTestFinished(() => {
    client.close();
    server.close();
    rmSync(dir, { recursive: true, force: true });
  });
  expect(await lookAt(client, 'c1', never)).toMatchObject({
    health: null,
    networks: { shop_default: '', other: 'n1' },
  });
});
