// Which daemon to talk to, resolved as the docker CLI does: DOCKER_HOST, DOCKER_CONTEXT, config.json, default socket.
import { createHash } from 'node:crypto';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ProblemError } from '../../../model/problems/problem.ts';
import { configDir, type Env, readDockerConfig } from '../../registry/config-file.ts';

export interface Tls {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly verify: boolean;
}

export type Address =
  | { readonly by: 'socket'; readonly path: string }
  | {
      readonly by: 'tcp';
      readonly host: string;
      readonly port: number;
      readonly path: string;
      readonly tls: Tls | null;
    }
  | { readonly by: 'ssh'; readonly destination: string; readonly port: string | null };

export interface Endpoint {
  /** Name of the docker context, `default` when none was chosen. */
  readonly context: string;
  /** As the user would write it: `unix:///var/run/docker.sock`. */
  readonly host: string;
  readonly address: Address;
}

const defaultSocket = '/var/run/docker.sock';
/** Where the CLI looks with TLS asked for and no host named: never the socket. */
const defaultTlsHost = 'tcp://localhost:2376';

/** Rejects with a `yours` problem that says which variable or file is wrong. `first`: the socket before all others. */
export async function resolveEndpoint(env: Env, home: string, first = defaultSocket): Promise<Endpoint> {
  const dir = configDir(env, home);
  // The CLI lets DOCKER_HOST win over DOCKER_CONTEXT (its manual says otherwise).
  if (env.DOCKER_HOST) return fromHost(env.DOCKER_HOST, 'default', 'DOCKER_HOST', await tlsFromEnv(env, dir));
  const context = env.DOCKER_CONTEXT || (await readDockerConfig(dir)).currentContext || 'default';
  if (context !== 'default')
    return fromContext(context, dir, env.DOCKER_CONTEXT ? 'DOCKER_CONTEXT' : join(dir, 'config.json'));
  const tls = await tlsFromEnv(env, dir);
  if (tls) return fromHost(defaultTlsHost, context, 'DOCKER_TLS_VERIFY', tls);
  const path = await findSocket(env, home, first);
  return { context, host: `unix://${path}`, address: { by: 'socket', path } };
}

// Docker Desktop, rootless Docker, Colima, OrbStack and Rancher Desktop each put a socket below the home directory. Podman, which
// speaks Docker's API, comes after all of them: that of the user, of a machine, of root.
async function findSocket(env: Env, home: string, first: string): Promise<string> {
  const runtimeDir = env.XDG_RUNTIME_DIR;
  const places = [
    first,
    ...(runtimeDir ? [join(runtimeDir, 'docker.sock')] : []),
    ...['.docker/run', '.docker/desktop', '.colima/default', '.orbstack/run', '.rd'].map((at) =>
      join(home, at, 'docker.sock'),
    ),
    ...(runtimeDir ? [join(runtimeDir, 'podman/podman.sock')] : []),
    join(home, '.local/share/containers/podman/machine/podman.sock'),
    '/run/podman/podman.sock',
  ];
  for (const path of places) {
    const isThere = await access(path).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  return first;
}

async function fromContext(context: string, dir: string, from: string): Promise<Endpoint> {
  const id = createHash('sha256').update(context).digest('hex');
  const file = join(dir, 'contexts', 'meta', id, 'meta.json');
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null)
    throw wrong(`there is no docker context "${context}" (named by ${from})`, 'docker context ls shows them');
  let docker: { Host?: unknown; SkipTLSVerify?: unknown } | undefined;
  try {
    docker = JSON.parse(text)?.Endpoints?.docker;
  } catch {
    throw wrong(`the docker context "${context}" cannot be read: ${file} is no JSON`, 'create the context again');
  }
  if (typeof docker?.Host !== 'string' || docker.Host === '')
    throw wrong(
      `the docker context "${context}" names no docker host (${file})`,
      'choose another with docker context use',
    );
  const tls = await tlsFiles(join(dir, 'contexts', 'tls', id, 'docker'), docker.SkipTLSVerify !== true, null);
  return fromHost(docker.Host, context, `docker context "${context}"`, tls);
}

async function tlsFromEnv(env: Env, dir: string): Promise<Tls | null> {
  // As in the CLI any text counts, "0" included; without either DOCKER_CERT_PATH means nothing.
  const asked = env.DOCKER_TLS_VERIFY ? 'DOCKER_TLS_VERIFY' : env.DOCKER_TLS ? 'DOCKER_TLS' : null;
  return asked && tlsFiles(env.DOCKER_CERT_PATH || dir, asked === 'DOCKER_TLS_VERIFY', asked);
}

/** `asked`: the variable that wants TLS. The CLI then needs a ca.pem even where it will not verify, and takes a pair or none. */
async function tlsFiles(dir: string, verify: boolean, asked: string | null): Promise<Tls | null> {
  const read = (name: string) => readFile(join(dir, name)).catch(() => undefined);
  const [ca, cert, key] = await Promise.all([read('ca.pem'), read('cert.pem'), read('key.pem')]);
  if (asked && !ca)
    throw wrong(
      `${asked} is set, but ${join(dir, 'ca.pem')} cannot be read`,
      'set DOCKER_CERT_PATH to the directory of the certificates, or unset the variable',
    );
  if (ca || cert || key) return { ca, cert, key, verify };
  return verify ? null : { verify };
}

function fromHost(text: string, context: string, from: string, tls: Tls | null): Endpoint {
  const [, scheme = 'tcp', rest = ''] = /^(?:([a-z0-9]+):\/\/)?(.*)$/i.exec(text.trim()) ?? [];
  if (scheme === 'unix') return { context, host: text, address: { by: 'socket', path: rest || defaultSocket } };
  if (scheme === 'npipe')
    return { context, host: text, address: { by: 'socket', path: rest || '//./pipe/docker_engine' } };
  if (!['tcp', 'http', 'https', 'ssh'].includes(scheme))
    throw wrong(`${from} has an unknown scheme: ${text}`, 'use unix://PATH, tcp://HOST:PORT or ssh://USER@HOST');
  const url = urlOf(`http://${rest}`, text, from);
  // A space or a leading dash would reach ssh as an option.
  if (scheme === 'ssh') {
    const destination = `${url.username ? `${decodeURIComponent(url.username)}@` : ''}${url.hostname}`;
    if (!/^[\w.@][\w.@:[\]-]*$/.test(destination))
      throw wrong(`${from} names no usable ssh host: ${text}`, 'use ssh://USER@HOST');
    return { context, host: text, address: { by: 'ssh', destination, port: url.port || null } };
  }
  const secure = tls ?? (scheme === 'https' ? { verify: true } : null);
  const port = Number(portIn(rest)) || (secure ? 2376 : 2375);
  const path = url.pathname === '/' ? '' : url.pathname.replace(/\/$/, '');
  return { context, host: text, address: { by: 'tcp', host: url.hostname, port, path, tls: secure } };
}

// URL drops `:80` as the default of http, so the port is read from the text.
const portIn = (rest: string): string | undefined =>
  /^(?:\[[^\]]*\]|[^/:]*):(\d+)/.exec(rest.replace(/^[^@/]*@/, ''))?.[1];

function urlOf(address: string, text: string, from: string): URL {
  try {
    const url = new URL(address);
    if (url.hostname) return url;
  } catch {
    // said below
  }
  throw wrong(`${from} is no address of a daemon: ${text}`, 'use unix://PATH, tcp://HOST:PORT or ssh://USER@HOST');
}

const wrong = (what: string, hint: string): ProblemError =>
  new ProblemError({ kind: 'yours', code: 'S202', what, hint });
