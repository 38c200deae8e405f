// The Docker under test as one of another machine: by an address of this machine that is no loopback, and by ssh through a real sshd.
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import { networkInterfaces, userInfo } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { dockerHost } from '../capability.ts';
import { eventually, freePort } from '../facts.ts';
import { tempProject, writeFiles } from '../temp.ts';

/** An address of this machine that others could reach it by. */
export const machine =
  Object.values(networkInterfaces())
    .flat()
    .find((each) => each?.family === 'IPv4' && !each.internal)?.address ?? null;

const daemon = '/usr/sbin/sshd';
export const hasSshd = existsSync(daemon);

/** `tcp://…`, where the daemon answers until the test is over. */
export async function overTcp(): Promise<string> {
  const { pathname } = new URL(dockerHost);
  const server = net.createServer({ allowHalfOpen: true }, (near) => {
    const far = net.connect({ path: pathname, allowHalfOpen: true });
    near.pipe(far).pipe(near);
    near.on('error', () => far.destroy()).on('close', () => far.destroy());
    far.on('error', () => near.destroy()).on('close', () => near.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, machine ?? undefined, resolve));
  onTestFinished(() => void server.close());
  return `tcp://${machine}:${(server.address() as AddressInfo).port}`;
}

/** What chooses a context of this name at this address, as `docker context create` and `docker context use` leave it. */
export function contextAt(address: string, name = 'far'): Readonly<Record<string, string>> {
  const meta = { Name: name, Metadata: {}, Endpoints: { docker: { Host: address, SkipTLSVerify: false } } };
  const place = `contexts/meta/${createHash('sha256').update(name).digest('hex')}/meta.json`;
  const dir = tempProject({ 'config.json': JSON.stringify({ currentContext: name }), [place]: JSON.stringify(meta) });
  return { DOCKER_CONFIG: dir, DOCKER_HOST: '', DOCKER_CONTEXT: '' };
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = net.connect(port, machine ?? undefined);
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });

/** An sshd that lets this user in by a key of the test's own, and an `ssh` that knows both: the variables that choose it. */
export async function overSsh(): Promise<Readonly<Record<string, string>>> {
  const dir = tempProject();
  const port = await freePort();
  const { username } = userInfo();
  for (const key of ['host', 'user'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(dir, key)]);
  writeFiles(dir, {
    // As no file of the user's own is read, neither is any known host.
    config: `IdentityFile ${dir}/user\nIdentitiesOnly yes\nUserKnownHostsFile /dev/null\nStrictHostKeyChecking no\nLogLevel ERROR\n`,
    sshd: [
      `ListenAddress ${machine}:${port}`,
      `HostKey ${dir}/host`,
      `AuthorizedKeysFile ${dir}/user.pub`,
      'StrictModes no\nUsePAM no\nPidFile none\nPermitRootLogin prohibit-password\nPasswordAuthentication no',
      // Each call is a connection of its own.
      'MaxStartups 100',
      `SetEnv "DOCKER_HOST=${dockerHost}" "PATH=${process.env.PATH}"`,
    ].join('\n'),
    'bin/ssh': `#!/bin/sh\nexec /usr/bin/ssh -F ${dir}/config "$@"\n`,
  });
  execFileSync('chmod', ['+x', join(dir, 'bin/ssh')]);
  mkdirSync('/run/sshd', { recursive: true });
  const running = spawn(daemon, ['-D', '-e', '-f', join(dir, 'sshd')], { stdio: 'ignore' });
  onTestFinished(() => void running.kill());
  await eventually(async () => (await answers(port)) || null, 'sshd answers');
  return { DOCKER_HOST: `ssh://${username}@${machine}:${port}`, PATH: `${dir}/bin:${process.env.PATH}` };
}
