// A Docker that is root's nowhere, run by a user of its own who has subordinate ids; `.ci/run` makes the user.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { eventually } from '../facts.ts';
import { writeFiles } from '../temp.ts';

const user = 'sluice-rootless';
const programs = ['dockerd', 'rootlesskit', 'rootlesskit-docker-proxy', 'slirp4netns', 'newuidmap', 'unshare'];

export const hasRootless: boolean =
  process.getuid?.() === 0 &&
  /^sluice-rootless:/m.test(existsSync('/etc/subuid') ? readFileSync('/etc/subuid', 'utf8') : '') &&
  programs.every((name) => ['/usr/bin', '/usr/sbin', '/usr/local/bin'].some((dir) => existsSync(join(dir, name))));

const answers = (socketPath: string): Promise<true | null> =>
  new Promise((resolve) => {
    const request = http.get({ socketPath, path: '/_ping', timeout: 3_000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200 ? true : null);
    });
    request.on('timeout', () => request.destroy()).on('error', () => resolve(null));
  });

/** A directory with these files that other users reach: the one for temporary files may be closed to them. Gone after the test. */
export function openProject(files: Readonly<Record<string, string>> = {}): string {
  const dir = mkdtempSync('/var/tmp/sluice-test-');
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  chmodSync(dir, 0o755);
  writeFiles(dir, files);
  return dir;
}

/** Its address. It is gone after the test, and all that it had. */
export async function rootlessDocker(): Promise<string> {
  const dir = openProject();
  const flags =
    '--net=slirp4netns --mtu=65520 --port-driver=builtin --disable-host-loopback --copy-up=/etc --copy-up=/run';
  writeFiles(dir, {
    start: `export XDG_RUNTIME_DIR=${dir} HOME=${dir} PATH=/usr/sbin:/sbin:$PATH
exec rootlesskit ${flags} --propagation=rslave --state-dir=${dir}/kit sh -c 'rm -rf /run/docker /run/containerd /run/xtables.lock
exec dockerd --rootless -H unix://${dir}/docker.sock --data-root ${dir}/data --exec-root ${dir}/exec --pidfile ${dir}/pid'
`,
  });
  execFileSync('mknod', ['-m', '666', join(dir, 'tun'), 'c', '10', '200']);
  execFileSync('chown', [user, dir]);
  // A device that only root may open is another one in here, and the same as ever outside.
  const script = `mount --bind ${dir}/tun /dev/net/tun && exec su ${user} -s /bin/sh -c "sh ${dir}/start"`;
  const running = spawn('unshare', ['-m', '--propagation', 'slave', 'sh', '-c', script], { stdio: 'ignore' });
  const ended = once(running, 'exit');
  onTestFinished(async () => {
    process.kill(Number(readFileSync(join(dir, 'pid'), 'utf8')));
    await ended;
  });
  await eventually(() => answers(join(dir, 'docker.sock')), 'a rootless Docker answers');
  return `unix://${dir}/docker.sock`;
}
