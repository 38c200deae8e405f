// The real Docker for tests: an image of busybox alone, containers of it, and the tree inside.
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { tempProject } from '../../support/temp.ts';

const run = promisify(execFile);
const quiet = { maxBuffer: 64 * 1024 * 1024, env: { ...process.env, DOCKER_BUILDKIT: '0' } };

export const docker = async (...args: readonly string[]): Promise<string> =>
  (await run('docker', [...args], quiet)).stdout.trim();

const applets =
  'sh sleep cat head tar rm rmdir mkdir ln chmod chown kill find stat sha256sum readlink sort xargs ps echo touch id httpd'.split(
    ' ',
  );

/** An image with busybox; gone after the test. */
export async function busyboxImage(names: readonly string[] = applets): Promise<string> {
  const dir = tempProject();
  mkdirSync(join(dir, 'bin'));
  mkdirSync(join(dir, 'etc'));
  writeFileSync(join(dir, 'etc/passwd'), 'root:x:0:0:root:/:/bin/sh\n');
  writeFileSync(join(dir, 'etc/group'), 'root:x:0:\n');
  cpSync('/usr/bin/busybox', join(dir, 'bin/busybox'));
  for (const name of names) symlinkSync('busybox', join(dir, 'bin', name));
  return build(
    dir,
    'FROM scratch\nCOPY bin /bin\nCOPY etc /etc\nENV PATH=/bin\nCMD ["/bin/busybox","sleep","100000"]\n',
  );
}

/**
 * Builds `dir` with this Dockerfile, under a name of its own; gone after the test. Without the cache: the classic builder
 * takes a step from another test's image, and finds it gone where that test has ended meanwhile.
 */
export async function build(dir: string, dockerfile: string): Promise<string> {
  const name = `sluice-test-live:${randomUUID()}`;
  const file = `${tempProject()}/Dockerfile`;
  writeFileSync(file, dockerfile);
  await docker('build', '-q', '--no-cache', '--force-rm', '-t', name, '-f', file, dir);
  onTestFinished(() => docker('rmi', '-f', name).then(() => {}));
  return name;
}

/** A running container; gone after the test. Its full id. */
export async function container(
  image: string,
  options: readonly string[] = [],
  cmd: readonly string[] = [],
): Promise<string> {
  const id = await docker('run', '-d', ...options, image, ...cmd);
  onTestFinished(() => docker('rm', '-f', id).then(() => {}));
  return id;
}

const listing = `find "$0" -exec stat -c '%n %A %u:%g' {} + | sort; find "$0" -type f -exec sha256sum {} + | sort; find "$0" -type l -exec sh -c 'for l; do echo "$l -> $(readlink "$l")"; done' sh {} + | sort`;

/** Names, kinds, modes, owners, contents and link targets below `path`. */
export const treeIn = (id: string, path: string): Promise<string> => docker('exec', id, 'sh', '-c', listing, path);
