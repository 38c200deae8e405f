// How long until a stopped, or a new, Compose project of ten built services is served: a session of ours beside `docker compose up
// --watch`, in turns. Each has a project of its own, since each builds images of its own.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it, onTestFinished } from 'vitest';
import { docker } from '../support/capability.ts';
import { compose, composeBinary, composeWithBuildx } from '../support/docker/compose.ts';
import { busyboxImage } from '../support/docker/images.ts';
import { freePort } from '../support/facts.ts';
import { environment, program, runtimeDir } from '../support/sluice.ts';
import { tempProject } from '../support/temp.ts';
import { figure, median } from './figure.ts';
import { shows } from './shows.ts';

const count = 10;
const rounds = 5;
const page = 'served';

interface Side {
  readonly start: () => ChildProcess;
  /** What stops its containers, and what takes all away but the images. */
  readonly stop: () => Promise<unknown>;
  readonly down: () => Promise<unknown>;
  readonly urls: readonly string[];
}

async function project(base: string): Promise<{ readonly dir: string; readonly urls: readonly string[] }> {
  const ports: number[] = [];
  while (ports.length < count) ports.push(await freePort());
  const service = (port: number, i: number): string =>
    `  s${i}:\n    build: .\n    ports: ["${port}:8080"]\n    develop:\n      watch:\n        - {action: sync, path: www, target: /www}\n`;
  const dir = tempProject({
    'compose.yaml': `services:\n${ports.map(service).join('')}`,
    // As the first of its processes it would not hear of a SIGTERM.
    Dockerfile: `FROM ${base}\nCOPY www /www\nSTOPSIGNAL SIGKILL\nCMD ["httpd", "-f", "-p", "8080", "-h", "/www"]\n`,
    'www/index.html': page,
  });
  return { dir, urls: ports.map((port) => `http://127.0.0.1:${port}/`) };
}

async function sideOf(base: string, command: readonly string[], env: NodeJS.ProcessEnv): Promise<Side> {
  const { dir, urls } = await project(base);
  const [file = '', ...args] = command;
  onTestFinished(async () => {
    await compose(dir, ['down', '--volumes', '--rmi', 'local', '--timeout', '0']);
  });
  return {
    start: () => spawn(file, args, { cwd: dir, env, stdio: 'ignore' }),
    stop: () => compose(dir, ['stop']),
    down: () => compose(dir, ['down']),
    urls,
  };
}

/** Of a session from its start until all pages are served, in ms; it is ended after that. */
async function served({ start, urls }: Side): Promise<number> {
  const from = performance.now();
  const session = start();
  onTestFinished(() => void session.kill('SIGKILL'));
  const ended = once(session, 'exit');
  for (const url of urls) await shows(url, page);
  const ms = performance.now() - from;
  session.kill('SIGINT');
  await ended;
  return ms;
}

describe.skipIf(!docker || composeBinary === null)('Compose, ten services until they are served', () => {
  it.each([
    ['stopped', 700],
    ['from nothing', null],
  ] as const)('%s', async (state, target) => {
    const base = await busyboxImage();
    const theirEnv = environment(composeWithBuildx());
    const ourEnv = environment({ KUBECONFIG: '/nowhere/kubeconfig', XDG_RUNTIME_DIR: runtimeDir() });
    const theirs = (...args: readonly string[]) => sideOf(base, [composeBinary as string, 'up', ...args], theirEnv);
    const sides = {
      ours: await sideOf(base, [process.execPath, program, 'up', '--plain'], ourEnv),
      'up --watch --build': await theirs('--watch', '--build'),
      'up --watch': await theirs('--watch'),
    };
    const times = new Map<string, number[]>();
    // The first round builds.
    for (let round = 0; round <= rounds; round += 1)
      for (const [name, side] of Object.entries(sides)) {
        await (state === 'stopped' ? side.stop() : side.down());
        const ms = await served(side);
        if (round > 0) times.set(name, [...(times.get(name) ?? []), ms]);
      }
    const of = (name: string): readonly number[] => times.get(name) ?? [];
    figure(`Compose: 10 built services, ${state} → served`, 'ms', of('ours'), target);
    for (const name of ['up --watch --build', 'up --watch']) {
      figure(`Compose: 10 built services, ${state} → served, docker compose ${name}`, 'ms', of(name), null);
      const ratio = median(of('ours')) / median(of(name));
      figure(`Compose: 10 built services, ${state} → served, over ${name}`, '×', [ratio], target && 0.5);
    }
  });
});
