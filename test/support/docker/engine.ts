// A Docker of the test's own, from the engines that lie beside the project: it may be stopped and killed; gone with the test.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished, vi } from 'vitest';
import { eventually } from '../facts.ts';
import { packed } from './engine-programs.ts';
import { busyboxImage } from './images.ts';

const run = promisify(execFile);

export const hasEngine: boolean = existsSync(join(packed, 'up')) && process.getuid?.() === 0;

export interface OwnEngine {
  readonly host: string;
  signal(signal: NodeJS.Signals): void;
  /** By SIGKILL, its containerd as well; resolves once both are gone. */
  kill(): Promise<void>;
  /** Starts it where it is not there; resolves once it answers. */
  start(): Promise<unknown>;
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Inside a test only: DOCKER_HOST is this one's until its end. The base image is in it. */
export async function ownEngine(): Promise<OwnEngine> {
  // Tests beside this one have engines of their own, which a name in common would stop in the middle of theirs.
  const name = `sluice-test-engine-${randomBytes(3).toString('hex')}`;
  const [socket, home] = [`/tmp/${name}.sock`, `/var/lib/sluice-engine/tmp-${name}-sock`];
  const host = `unix://${socket}`;
  const pid = (program: string) => Number(readFileSync(join(home, `${program}.pid`), 'utf8'));
  const start = () => run(join(packed, 'up'), [socket]);
  await busyboxImage();
  onTestFinished(async () => {
    await run(join(packed, 'down'), [socket]);
    // What it made in the network is called after its socket.
    const bridge = `brsl$(echo tmp-${name}-sock | cksum | cut -c1-6)`;
    await run('sh', ['-c', `ip link del ${bridge}; mount | cut -d' ' -f3 | grep ^${home}/ | xargs -r umount -l; true`]);
    rmSync(home, { recursive: true, force: true });
    rmSync(socket, { force: true });
  });
  await start();
  await run('sh', ['-c', `docker save sluice-test/busybox:1 | docker -H ${host} load`]);
  vi.stubEnv('DOCKER_HOST', host);
  onTestFinished(() => void vi.unstubAllEnvs());
  return {
    host,
    signal: (signal) => void process.kill(pid('dockerd'), signal),
    async kill() {
      const pids = [pid('dockerd'), pid('containerd')];
      for (const each of pids) process.kill(each, 'SIGKILL');
      await eventually(() => (pids.some(isThere) ? null : true), 'the daemon has gone');
    },
    start,
  };
}
