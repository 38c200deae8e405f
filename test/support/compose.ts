// Compose itself, as a reference: a binary among the engines that tests use, unpacked once. Null where it is not there.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { engine, isPacked } from './engine-programs.ts';

export const composeBinary = isPacked('docker-compose') ? engine('docker-compose') : null;

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
