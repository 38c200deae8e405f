// Registry credentials as the docker CLI finds them: DOCKER_AUTH_CONFIG, credHelpers, credsStore, auths. Asked for one
// host at a time and only when it is needed: a helper that asks a cloud for every host cost a peer 5–7 s a build.
import { isProblemError, type Problem } from '../../model/problems/problem.ts';
import { lookup } from '../../model/text/lookup.ts';
import {
  type AuthEntry,
  configDir,
  type DockerConfig,
  type Env,
  type RegistryAuth,
  readDockerConfig,
} from './config-file.ts';
import { askHelper } from './credential-helper.ts';

export interface Credentials {
  /** Null for no credentials. Never rejects: a broken helper means anonymous, and `problem` says why afterwards. */
  of(registry: string): Promise<RegistryAuth | null>;
  /** What went wrong the last time this registry's credentials were looked up. */
  problem(registry: string): Problem | null;
}

const hubKey = 'https://index.docker.io/v1/';

/** Reads config.json anew each time, so that `docker login` helps at once. */
export function credentialsFrom(env: Env, home: string): Credentials {
  const problems = new Map<string, Problem>();
  return {
    problem: (registry) => problems.get(registry) ?? null,
    of: async (registry) => {
      try {
        const auth = await lookUp(registry, env, home);
        problems.delete(registry);
        return auth;
      } catch (error) {
        if (!isProblemError(error)) throw error;
        problems.set(registry, error.problem);
        return null;
      }
    },
  };
}

async function lookUp(registry: string, env: Env, home: string): Promise<RegistryAuth | null> {
  const key = registry === 'docker.io' ? hubKey : registry;
  const given = fromAuths(authConfigOf(env), key);
  if (given) return given;
  const config = await readDockerConfig(configDir(env, home));
  const helper = lookup(config.credHelpers, key) ?? lookup(config.credHelpers, registry) ?? config.credsStore;
  if (!helper) return fromAuths(config, key);
  // Docker Desktop's store can hold a login whose `auths` entry is empty; the file is asked when the store has none.
  return (await askHelper(helper, key, env)) ?? fromAuths(config, key);
}

function authConfigOf(env: Env): DockerConfig {
  try {
    const value: unknown = JSON.parse(env.DOCKER_AUTH_CONFIG ?? '{}');
    return typeof value === 'object' && value !== null ? (value as DockerConfig) : {};
  } catch {
    return {};
  }
}

function fromAuths(config: DockerConfig, key: string): RegistryAuth | null {
  const auths = Object.entries(config.auths ?? {});
  const entry = (auths.find(([name]) => name === key) ?? auths.find(([name]) => hostOf(name) === hostOf(key)))?.[1];
  return entry ? decode(entry, key) : null;
}

/** Old logins wrote `https://host/v1/`. */
const hostOf = (key: string): string => key.replace(/^https?:\/\//, '').split('/')[0]!;

function decode(entry: AuthEntry, serveraddress: string): RegistryAuth | null {
  const text =
    typeof entry.auth === 'string' ? Buffer.from(entry.auth, 'base64').toString('utf8').replace(/\0+$/, '') : '';
  const colon = text.indexOf(':');
  const username = entry.username ?? (colon < 0 ? '' : text.slice(0, colon));
  const password = entry.password ?? (colon < 0 ? '' : text.slice(colon + 1));
  if (entry.identitytoken) return { username, password: '', identitytoken: entry.identitytoken, serveraddress };
  return username || password ? { username, password, serveraddress } : null;
}
