// Compose itself, where it is there: what it makes of a directory, to compare with.
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ComposeRequest } from '../../../src/config/compose/read.ts';

const run = promisify(execFile);

/** Of one directory of the corpus: `args.json` says what is beside the files. */
export function requestOf(dir: string): ComposeRequest {
  const file = join(dir, 'args.json');
  const given = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Partial<ComposeRequest>) : {};
  return { dir, ...given, env: { HOME: homedir(), ...given.env } };
}

/** As Compose prints a project: services stand as in the files, all names of the top are sorted. */
export const inOrder = (project: object): unknown => JSON.parse(JSON.stringify(sorted(project))) as unknown;

const sorted = (project: object): object =>
  Object.fromEntries(
    Object.entries(project)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => [key, key === 'services' ? sorted(value as object) : value]),
  );

/** Null where Compose refuses it. What it prints has each $ twice. */
export async function configOf(
  program: string,
  { dir, env, files, profiles, envFiles }: ComposeRequest,
): Promise<unknown> {
  const flags = (flag: string, all: readonly string[] = []) => all.flatMap((each) => [flag, each]);
  const args = [...flags('-f', files), ...flags('--profile', profiles), ...flags('--env-file', envFiles)];
  const all = { ...env, PATH: process.env.PATH };
  try {
    const { stdout } = await run(program, [...args, 'config', '--format', 'json'], { cwd: dir, env: all });
    return JSON.parse(stdout.replaceAll('$$', '$'));
  } catch {
    return null;
  }
}
