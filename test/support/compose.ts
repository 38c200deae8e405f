// Compose itself, as a reference: a binary among the engines that tests use, unpacked once. Null where it is not there.
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const packed = ['../../../shared', '../../../../shared']
  .map((place) => fileURLToPath(new URL(`${place}/engines/docker-compose.xz`, import.meta.url)))
  .find((path) => existsSync(path));

function unpacked(): string | null {
  if (packed === undefined) return null;
  // Kept from run to run, and no temporary file of any.
  const dir = fileURLToPath(new URL('../../node_modules/.cache/sluice-test-engines', import.meta.url));
  const binary = join(dir, 'docker-compose');
  if (existsSync(binary)) return binary;
  mkdirSync(dir, { recursive: true });
  const fresh = `${binary}.${process.pid}`;
  execFileSync('sh', ['-c', 'xz -dc "$1" > "$2" && chmod +x "$2"', 'sh', packed, fresh]);
  // Another test file may be unpacking it as well: whole or not there.
  renameSync(fresh, binary);
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
