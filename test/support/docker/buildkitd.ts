// A BuildKit of the test's own on a socket of this machine, from the engines that lie beside the project; gone with the test file.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { engine, isPacked, packed } from './engine-programs.ts';

/** Why suites that need it are left out; null when it is there. */
export const noBuildkitd: string | null =
  !isPacked('buildkitd') || !isPacked('runc')
    ? `no buildkitd.xz and runc.xz in ${packed}`
    : process.getuid?.() !== 0
      ? 'buildkitd is run as root'
      : null;

if (process.env.CI === 'true' && noBuildkitd !== null)
  throw new Error(`with CI=true nothing may be left out: ${noBuildkitd}`);

export interface Buildkitd {
  /** `unix://…` */
  readonly address: string;
  readonly pid: number;
  close(): Promise<void>;
}

/** `snapshotter`: `native` works on every file system, and copies; `auto` does not where it need not. */
export async function buildkitd(snapshotter: 'native' | 'auto' = 'native'): Promise<Buildkitd> {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-buildkitd-'));
  const socket = join(dir, 'buildkitd.sock');
  const args = ['--addr', `unix://${socket}`, '--root', join(dir, 'root'), '--oci-worker-net', 'host'];
  const own = [
    '--oci-worker-binary',
    engine('runc'),
    '--containerd-worker=false',
    `--oci-worker-snapshotter=${snapshotter}`,
  ];
  const child = spawn(engine('buildkitd'), [...args, ...own], { stdio: 'ignore', detached: true });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  for (let tries = 0; !existsSync(socket); tries++) {
    if (tries > 300 || child.exitCode !== null) throw new Error('buildkitd did not start');
    await sleep(100);
  }
  return {
    address: `unix://${socket}`,
    pid: child.pid!,
    close: async () => {
      child.kill('SIGTERM');
      await ended;
      leftBelow(dir);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** What one that was killed in mid-build leaves: the step's processes and the root they run in. */
function leftBelow(dir: string): void {
  const roots = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .flatMap((line) => line.split(' ')[1] ?? [])
    .filter((path) => path.startsWith(`${dir}/`));
  for (const root of roots.reverse()) execFileSync('umount', ['-l', root]);
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      // Its root is a directory of ours: no other process has such a one.
      const mounts = readFileSync(`/proc/${pid}/mountinfo`, 'utf8')
        .split('\n')
        .map((line) => line.split(' '));
      if (mounts.some(([, , , from = '', to]) => to === '/' && from.includes(`${basename(dir)}/`)))
        process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
}
