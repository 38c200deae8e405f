// The finished project in the order and with the names that Compose prints; what no service uses is not a part of it.
import type { ComposeProject } from '../../../model/compose.ts';
import type { Whole } from '../checks/consistency.ts';
import { isMap, nowhere, type Values } from './forms.ts';
import { serviceFields } from './service-forms.ts';

type Named = Readonly<Record<string, Values>>;

/** With the names that the engine knows things by: those given, those of others, or the project's name before its own. */
export function named(whole: Whole, project: string): Whole {
  const nameOf = (key: string, { name, external }: Values) => name ?? (external === true ? key : `${project}_${key}`);
  const all = (values: Named): Named =>
    Object.fromEntries(Object.entries(values).map(([key, value]) => [key, { name: nameOf(key, value), ...value }]));
  const networks = { ...whole.networks };
  if (!networks.default) networks.default = {};
  return {
    ...whole,
    networks: all(networks),
    volumes: all(whole.volumes),
    secrets: all(whole.secrets),
    configs: all(whole.configs),
  };
}

/** `mixed`: services of which several files say something. */
export function printed(
  project: Whole & { readonly name: string },
  extensions: Values,
  mixed: ReadonlySet<string>,
): ComposeProject {
  const { services } = project;
  const all = Object.values(services);
  const sources = (key: string): Set<string> =>
    new Set(
      all.flatMap((service) => [service[key], isMap(service.build) ? service.build[key] : []]).flatMap(sourcesIn),
    );
  const networks = new Set(all.flatMap(({ networks: own }) => Object.keys(isMap(own) ? own : {})));
  const used = {
    networks: only(project.networks, networks, (value) => ({ ...value, ipam: value.ipam ?? {} })),
    volumes: only(project.volumes, sources('volumes')),
    secrets: only(project.secrets, sources('secrets')),
    configs: only(project.configs, sources('configs')),
  };
  const parts = Object.entries(used).filter(([, value]) => Object.keys(value).length > 0);
  const made = Object.fromEntries(
    Object.entries(services).map(([name, service]) => [name, inOrder(service, mixed.has(name))]),
  );
  return {
    name: project.name,
    services: made,
    ...Object.fromEntries(parts),
    ...extensions,
  } as unknown as ComposeProject;
}

/** A mount names a volume where it is of one; secrets and configs have no other kind. */
const isNamed = ({ type }: Values): boolean => type === undefined || type === 'volume';

const sourcesIn = (mounts: unknown): string[] =>
  Array.isArray(mounts)
    ? mounts.flatMap((mount) => (isMap(mount) && mount.source && isNamed(mount) ? [String(mount.source)] : []))
    : [];

const only = (all: Named, names: ReadonlySet<string>, form = (value: Values): Values => value): Named =>
  Object.fromEntries(
    Object.entries(all)
      .filter(([name]) => names.has(name))
      .map(([name, value]) => [name, form(orderedNames(slim(value, '') as Values))]),
  );

const keyOrder = Object.keys(serviceFields).filter((key) => key !== 'extends');

/** Maps of the user's own names are printed by name: Compose's hashes depend on it. */
function inOrder(service: Values, isMixed: boolean): Values {
  const made: Values = {};
  for (const key of keyOrder) {
    const value = service[key];
    if (key === 'command' || key === 'entrypoint') made[key] = value ?? null;
    else if (value === undefined || isNothing(key, value)) continue;
    else if (typeof value !== 'object') made[key] = value;
    else made[key] = ordered(key, slim(isMixed || completed.has(key) ? reformed(key, value) : value, key));
  }
  return made;
}

/** What is filled in once all files are read stands at the end of them. */
const completed = new Set(['build', 'depends_on', 'deploy', 'devices', 'gpus', 'ports', 'secrets']);

/** Keys in Compose's order again, whichever file brought them. */
const reformed = (key: string, value: unknown): unknown =>
  key === 'blkio_config' ? value : serviceFields[key]?.(value, nowhere);

/** What says nothing is not printed: no, none, and nothing, but where that is another thing than not to say it. */
function isNothing(key: string, value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (isMap(value)) return Object.keys(value).length === 0 && !kept.has(key);
  if (value === '' || value === undefined) return true;
  if (value === '0') return sizes.has(key);
  return (value === false || value === 0) && !counted.has(key);
}

const kept = new Set([
  'deploy',
  'develop',
  'healthcheck',
  'logging',
  'credential_spec',
  'blkio_config',
  'resources',
  'placement',
  'limits',
  'reservations',
  'bind',
  'volume',
  'tmpfs',
  'image',
  'ipam',
  'exec',
]);
const sizes = new Set([
  'mem_limit',
  'mem_reservation',
  'memswap_limit',
  'mem_swappiness',
  'shm_size',
  'memory',
  'size',
]);
const counted = new Set([
  'attach',
  'init',
  'scale',
  'replicas',
  'retries',
  'parallelism',
  'enable_ipv4',
  'enable_ipv6',
  'create_host_path',
  'required',
  'hard',
  'soft',
  'Weight',
]);

/** Through all that Compose knows; the user's own names keep their values. */
function slim(value: unknown, key: string): unknown {
  if (Array.isArray(value)) return value.map((each) => slim(each, key));
  if (!isMap(value)) return value;
  const isFree = (free.has(key) && key !== 'depends_on' && key !== 'networks') || inside.has(key);
  if (isFree) return value;
  const isNamed = key === 'depends_on' || key === 'networks';
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, each]) => [name, slim(each, name)] as const)
      .filter(([name, each]) => isNamed || !isNothing(name, each)),
  );
}

const free = new Set([
  'annotations',
  'depends_on',
  'environment',
  'labels',
  'networks',
  'storage_opt',
  'sysctls',
  'ulimits',
  'models',
]);

function ordered(key: string, value: unknown): unknown {
  if (key === 'develop' && isMap(value) && Array.isArray(value.watch))
    return { watch: value.watch.map((rule) => watched(rule)) };
  if (!isMap(value)) return value;
  if (free.has(key)) return byName(mapValues(value, (each) => (isMap(each) ? orderedNames(each) : each)));
  return orderedNames(value);
}

/** Compose prints an exec of every rule. */
const watched = ({ path, action, target, exec, ...rest }: Values): Values => ({
  path,
  action,
  ...(target === undefined ? {} : { target }),
  exec: { command: null, ...((exec as Values | undefined) ?? {}) },
  ...rest,
});

const inside = new Set(['args', 'labels', 'options', 'driver_opts', 'additional_contexts', 'ulimits', 'aux_addresses']);

function orderedNames(value: Values): Values {
  return mapValues(value, (each, key) => {
    if (!isMap(each)) return each;
    return inside.has(key) ? byName(each) : orderedNames(each);
  });
}

const mapValues = (values: Values, form: (value: unknown, key: string) => unknown): Values =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, form(value, key)]));

const byName = (values: Values): Values =>
  Object.fromEntries(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)));
