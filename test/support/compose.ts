// Compose itself, as a reference: a binary among the engines that tests use, unpacked once. Null where it is not there.
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const packed = ['../../../shared', '../../../../shared']
  .map((place) => fileURLToPath(new URL(`${place}/engines/docker-compose.xz`, import.meta.url)))
  .find((path) => existsSync(path));

function unpacked(): string | null {
  if (packed === undefined) return null;
  const binary = join(tmpdir(), `sluice-test-compose-${userInfo().uid}`);
  if (existsSync(binary)) return binary;
  const fresh = join(mkdtempSync(join(tmpdir(), 'sluice-test-')), 'docker-compose');
  execFileSync('sh', ['-c', 'xz -dc "$1" > "$2" && chmod +x "$2"', 'sh', packed, fresh]);
  // Another test file may be unpacking it as well: whole or not there.
  renameSync(fresh, binary);
  rmSync(dirname(fresh), { recursive: true });
  return binary;
}

export const composeBinary = unpacked();

/** What it says, on both streams. Rejects where it fails. */
export async function compose(
  dir: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(composeBinary as string, [...args], {
    cwd: dir,
    env: { ...process.env, ...env } as NodeJS.ProcessEnv,
  });
  return stdout + stderr;
}
