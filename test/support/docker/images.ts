// Base images made from this machine's own binaries: tests cannot pull from a public registry.
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const builder = { ...process.env, DOCKER_BUILDKIT: '0' };

const shell = `COPY busybox /bin/busybox
RUN ["/bin/busybox", "sh", "-c", "/bin/busybox --install -s /bin && mkdir -p /tmp /root && chmod 1777 /tmp"]
ENV PATH=/bin:/usr/local/bin`;

async function build(name: string, fill: (dir: string) => Promise<string> | string): Promise<string> {
  const { stdout } = await run('docker', ['images', '-q', name]);
  if (stdout.trim() !== '') return name;
  const dir = mkdtempSync(join(tmpdir(), 'sluice-test-'));
  try {
    cpSync('/bin/busybox', join(dir, 'busybox'), { dereference: true });
    writeFileSync(join(dir, 'Dockerfile'), await fill(dir));
    await run('docker', ['build', '-q', '--force-rm', '-t', name, dir], { env: builder });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
  return name;
}

/** busybox with all its commands: `sh`, `httpd`, `tar`, … Kept for the next run. */
export const busyboxImage = (): Promise<string> => build('sluice-test/busybox:1', () => `FROM scratch\n${shell}\n`);

/** A program of this machine and the shared libraries it needs, below `rootfs`. `path`: there. */
export async function withLibraries(program: string, rootfs: string, path = program): Promise<void> {
  const libraries = (await run('ldd', [program])).stdout.match(/\/\S+/g) ?? [];
  for (const [from, to] of [...libraries.map((each) => [each, each] as const), [program, path] as const]) {
    mkdirSync(join(rootfs, dirname(to)), { recursive: true });
    cpSync(from, join(rootfs, to), { dereference: true });
  }
}

/** This machine's node, its shared libraries and npm, on busybox. Kept for the next run. */
export const nodeImage = (): Promise<string> =>
  build('sluice-test/node:1', async (dir) => {
    const node = realpathSync(process.execPath);
    await withLibraries(node, join(dir, 'rootfs'), '/usr/local/bin/node');
    const npm = [join(dirname(node), '../lib/node_modules/npm'), '/usr/share/nodejs/npm'].find((path) =>
      existsSync(path),
    );
    if (npm !== undefined) cpSync(npm, join(dir, 'rootfs/usr/local/lib/npm'), { recursive: true, dereference: true });
    const link = 'RUN ["/bin/busybox", "ln", "-s", "/usr/local/lib/npm/bin/npm-cli.js", "/usr/local/bin/npm"]';
    const env = 'RUN ["/bin/busybox", "sh", "-c", "mkdir -p /usr/bin && ln -s /bin/env /usr/bin/env"]';
    return `FROM scratch\n${shell}\nCOPY rootfs /\n${link}\n${env}\n`;
  });

/**
 * Names with their tags of all images whose repository begins with `name`, in any registry, be its `/` one or a `_`. The daemon is not
 * asked for all that there are: with its images in containerd that fails as a whole where anybody's goes meanwhile.
 */
export async function namesOfImages(name: string): Promise<readonly string[]> {
  const own = [name, name.replaceAll('/', '_')];
  const patterns = own.flatMap((each) => ['', '*/', '*/*/'].map((host) => `reference=${host}${each}*`));
  const filters = patterns.flatMap((pattern) => ['--filter', pattern]);
  const { stdout } = await run('docker', ['images', '--format', '{{.Repository}}:{{.Tag}}', ...filters]);
  return stdout.split('\n').filter((line) => line !== '');
}

/** Layers that are shared with other images stay. */
export async function removeImagesOf(name: string): Promise<void> {
  const names = await namesOfImages(name);
  if (names.length > 0) await run('docker', ['rmi', '-f', ...names]);
}
