// BuildKit as an image, for machines without a public registry: buildkitd and runc, git for what it fetches, and of its buildctl
// what is used of it: a connection by standard input and output.
import { execFile } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { writeFiles } from '../temp.ts';
import { engine } from './engine-programs.ts';
import { nodeImage, withLibraries } from './images.ts';

const run = promisify(execFile);
const tag = 'localhost:5000/sluice-test/buildkitd:4';
const dial =
  "const s = require('net').connect('/run/buildkit/buildkitd.sock'); process.stdin.pipe(s).pipe(process.stdout);";

/** In the registry of the test cluster, by this name. */
export async function builderImage(): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-test-'));
  try {
    writeFiles(dir, {
      Dockerfile: `FROM ${await nodeImage()}\nCOPY rootfs /\nCOPY bin /bin\nENTRYPOINT ["/bin/buildkitd"]\n`,
      'bin/buildctl': `#!/usr/local/bin/node\n${dial}\n`,
    });
    chmodSync(join(dir, 'bin/buildctl'), 0o755);
    for (const program of ['buildkitd', 'runc']) copyFileSync(engine(program), join(dir, 'bin', program));
    mkdirSync(join(dir, 'rootfs'));
    await withLibraries('/usr/bin/git', join(dir, 'rootfs'), '/usr/local/bin/git');
    const { stdout } = await run('git', ['--exec-path']);
    // Scripts that git calls by itself after a fetch.
    for (const script of ['git-submodule', 'git-sh-setup', 'git-sh-i18n'])
      cpSync(join(stdout.trim(), script), join(dir, 'rootfs', stdout.trim(), script));
    await run('docker', ['build', '-q', '-t', tag, dir]);
    await run('docker', ['push', '-q', tag]);
    return tag;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
