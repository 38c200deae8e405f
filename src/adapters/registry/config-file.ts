// The docker CLI's own config.json: where it is, and the keys sluice reads. A broken file is said, never overwritten.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ProblemError } from '../../model/problems/problem.ts';

export type Env = Readonly<Record<string, string | undefined>>;

export interface AuthEntry {
  readonly auth?: string;
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
}

export interface DockerConfig {
  readonly currentContext?: string;
  readonly auths?: Readonly<Record<string, AuthEntry>>;
  readonly credsStore?: string;
  readonly credHelpers?: Readonly<Record<string, string>>;
}

/** `$DOCKER_CONFIG`, else `~/.docker`. */
export const configDir = (env: Env, home: string): string => env.DOCKER_CONFIG || join(home, '.docker');

/** Empty when there is no file. Rejects with a `yours` problem when it is no JSON object. */
export async function readDockerConfig(dir: string): Promise<DockerConfig> {
  const file = join(dir, 'config.json');
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return {};
    throw unusable(file, (error as Error).message);
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as DockerConfig;
  } catch (error) {
    throw unusable(file, (error as Error).message);
  }
  throw unusable(file, 'not a JSON object');
}

// The parser's message quotes the file, which may hold passwords: only the reason's first words are kept.
const unusable = (file: string, reason: string): ProblemError =>
  new ProblemError({
    kind: 'yours',
    code: 'S202',
    what: `docker's config ${file} cannot be read: ${reason.split(/[,"'`]/)[0]?.trim()}`,
    hint: 'mend the file, or point DOCKER_CONFIG to another directory',
  });

export interface RegistryAuth {
  readonly username: string;
  readonly password: string;
  readonly identitytoken?: string;
  readonly serveraddress: string;
}
