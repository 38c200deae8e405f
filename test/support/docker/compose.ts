// Compose itself, as a reference: a binary among the engines that tests use, unpacked once. Null where it is not there.
import { execFile } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { tempProject } from '../temp.ts';
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

/** Variables with which it builds: it takes buildx from the directory of Docker's configuration. */
export function composeWithBuildx(): Readonly<Record<string, string>> {
  const dir = tempProject();
  mkdirSync(join(dir, 'cli-plugins'));
  symlinkSync(engine('buildx'), join(dir, 'cli-plugins/docker-buildx'));
  return { DOCKER_CONFIG: dir };
}
