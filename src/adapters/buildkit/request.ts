// What a build is told, in the words of the Dockerfile frontend and of the image exporter.
import type { BuildOptions } from '../../model/builds/build-options.ts';
import type { RemoteBuild } from '../../model/ports/builder.ts';
import type { DockerBuild } from '../../model/ports.ts';
import type { Attributes, Solve } from './control.ts';
import { localName } from './session/file-sync.ts';

export type Ids = Pick<Solve, 'ref' | 'session'>;

export function solveOf(build: RemoteBuild, filename: string, ids: Ids): Solve {
  const { name, insecure } = build.push;
  const exporter = {
    type: 'image',
    attributes: { name, push: 'true', ...(insecure ? { 'registry.insecure': 'true' } : {}) },
  };
  return { ...toldOf(build, filename, ids), exporter };
}

/** The same for whatever becomes of the result. */
export function toldOf(build: DockerBuild, filename: string, ids: Ids): Omit<Solve, 'exporter'> {
  const { cacheTo = [], cacheFrom = [], entitlements = [], network } = build.options ?? {};
  const granted = [...new Set([...entitlements, ...(network === 'host' ? ['network.host'] : [])])];
  return { ...ids, frontend: frontendOf(build, filename), cacheTo, cacheFrom, entitlements: granted };
}

function frontendOf(build: DockerBuild, filename: string): Attributes {
  const { target, args, platform, labels, noCache, remote, directories = {}, options = {} } = build;
  const { noCacheFilter = [], attests = {} } = options;
  const local = Object.keys(directories).map((name): [string, string] => [name, `local:${localName(name)}`]);
  return {
    filename,
    ...(remote ? { context: remote.url } : {}),
    // Else it is looked for in what is fetched.
    ...(remote?.isOurs ? { dockerfilekey: 'dockerfile' } : {}),
    ...named('context', Object.fromEntries(local)),
    ...(target ? { target } : {}),
    ...(platform ? { platform } : {}),
    ...(noCache ? { 'no-cache': '' } : noCacheFilter.length > 0 ? { 'no-cache': noCacheFilter.join(',') } : {}),
    ...named('attest', attests),
    ...named('build-arg', args),
    ...named('label', labels),
    ...toldBy(options),
  };
}

function toldBy({
  cacheFrom = [],
  contexts = {},
  network,
  extraHosts,
  shmBytes,
  ulimits,
  pull,
}: BuildOptions): Attributes {
  const pairs = (values: Readonly<Record<string, string>>): string =>
    Object.entries(values)
      .map(([name, value]) => `${name}=${value}`)
      .join(',');
  const limits = Object.entries(ulimits ?? {}).map(([name, { soft, hard }]) => `${name}=${soft}:${hard}`);
  // Frontends import by themselves, each for its own steps.
  const imports = cacheFrom.map(({ type, attributes }) => ({ Type: type, Attrs: attributes }));
  return {
    ...(imports.length > 0 ? { 'cache-imports': JSON.stringify(imports) } : {}),
    ...named('context', contexts),
    ...(network ? { 'force-network-mode': network } : {}),
    ...(extraHosts ? { 'add-hosts': pairs(extraHosts) } : {}),
    ...(shmBytes === undefined ? {} : { 'shm-size': String(shmBytes) }),
    ...(limits.length > 0 ? { ulimit: limits.join(',') } : {}),
    ...(pull ? { 'image-resolve-mode': 'pull' } : {}),
  };
}

const named = (kind: string, values: Attributes): Attributes =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [`${kind}:${name}`, value]));
