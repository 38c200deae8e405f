// The current builder of `docker buildx`, read from its own files: BUILDX_BUILDER, then `docker buildx use`, then its default.
import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { BuilderSpec, TlsFiles } from '../../model/builds/builder.ts';
import { type Loading, readOr } from '../load-context.ts';
import type { Path } from '../yaml/document.ts';

interface Instance {
  readonly Driver?: unknown;
  readonly Nodes?: readonly { readonly Name?: unknown; readonly Endpoint?: unknown; readonly DriverOpts?: unknown }[];
}

/** Null for Docker itself, and where it cannot be used, which is told. */
export async function buildxBuilder(
  path: Path,
  loading: Loading,
): Promise<Extract<BuilderSpec, { is: 'buildkit' }> | null> {
  const { env } = process;
  const dir = env.BUILDX_CONFIG || join(env.DOCKER_CONFIG || join(homedir(), '.docker'), 'buildx');
  const name = env.BUILDX_BUILDER || (await chosen(dir, loading));
  if (!name || name === 'default') return null;
  const refuse = (why: string, hint: string): null => {
    loading.report.add('S265', path, `the buildx builder ${name} cannot be used: ${why}`, hint);
    return null;
  };
  if (!/^[\w.-]+$/.test(name)) return refuse('this is no name', 'docker buildx ls shows them');
  const text = await readOr(loading, join(dir, 'instances', name));
  const instance = text === null ? null : (parsed(text) as Instance | null);
  // A docker context is a builder of its own, by the daemon there.
  if (instance === null)
    return refuse(`there is no ${join(dir, 'instances', name)}`, 'docker buildx ls shows them; docker buildx use NAME');
  const node = instance.Nodes?.[0];
  const called = `buildx builder ${name}`;
  if (instance.Driver === 'docker-container' && typeof node?.Name === 'string')
    return { is: 'buildkit', address: `docker-container://buildx_buildkit_${node.Name}`, tls: null, called };
  if (instance.Driver === 'remote' && typeof node?.Endpoint === 'string')
    return { is: 'buildkit', address: node.Endpoint, tls: tlsOf(node.DriverOpts), called };
  const driver = String(instance.Driver);
  return refuse(
    `sluice does not know its driver ${driver}`,
    driver === 'kubernetes'
      ? 'write builder: {buildkit: "kube-pod://POD?namespace=NAME"}, or builder: cluster'
      : 'choose one of the drivers docker-container and remote',
  );
}

/** As buildx: what was chosen for this very Docker, or for all; else the default of that Docker. */
async function chosen(dir: string, loading: Loading): Promise<string | null> {
  const current = parsed((await readOr(loading, join(dir, 'current'))) ?? '') as Record<string, unknown> | null;
  if (typeof current?.Name === 'string' && current.Name !== '') return current.Name;
  const key = typeof current?.Key === 'string' ? current.Key : 'unix:///var/run/docker.sock';
  const hash = createHash('sha256').update(key).digest('hex').slice(0, 20);
  return (await readOr(loading, join(dir, 'defaults', hash)))?.trim() ?? null;
}

function tlsOf(options: unknown): TlsFiles | null {
  const { cacert, cert, key, servername } = (options ?? {}) as Record<string, unknown>;
  const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
  const files = { ca: text(cacert), cert: text(cert), key: text(key), servername: text(servername) };
  return files.ca || files.cert || files.key ? files : null;
}

function parsed(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : null;
  } catch {
    return null;
  }
}
