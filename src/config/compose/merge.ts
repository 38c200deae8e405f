// One service laid over another, both in the form that Compose prints: maps by their keys, lists by what tells their items apart,
// everything else is the later one's.
import { isMap, put, type Values } from './forms/forms.ts';

/** Path within a service or another resource. */
export type Way = readonly string[];

const replaced = new Set(['command', 'entrypoint', 'healthcheck.test']);

type Named = Readonly<Record<string, unknown>>;

/** What tells items apart that are maps. */
const keys: Readonly<Record<string, (item: Named) => string>> = {
  ports: ({ host_ip, published, target, protocol }) => [host_ip, published, target, protocol].join('|'),
  volumes: ({ target }) => String(target),
  devices: ({ target, source }) => String(target ?? source),
  configs: ({ target, source }) => String(target ?? `/${String(source)}`),
  secrets: ({ target, source }) => String(target ?? `/run/secrets/${String(source)}`),
  env_file: ({ path }) => String(path),
  'ipam.config': ({ subnet }) => String(subnet),
  'develop.watch': ({ path }) => String(path),
};

/** Lists of texts whose items may stand in them once only. */
const unique = new Set([
  'cap_add',
  'cap_drop',
  'device_cgroup_rules',
  'dns',
  'dns_opt',
  'dns_search',
  'expose',
  'external_links',
  'label_file',
  'links',
  'profiles',
  'security_opt',
  'tmpfs',
  'volumes_from',
  'extra_hosts',
  'build.tags',
  'build.platforms',
  'build.cache_from',
  'build.cache_to',
  'build.extra_hosts',
]);

export function merged(base: unknown, over: unknown, way: Way = []): unknown {
  if (base === undefined) return over;
  if (base === null) return over ?? null;
  if (over === undefined || over === null) return base;
  const at = way.join('.');
  if (replaced.has(at)) return over;
  if (
    at === 'logging' &&
    driverOf(over) !== undefined &&
    driverOf(base) !== driverOf(over) &&
    driverOf(base) !== undefined
  )
    return over;
  if (Array.isArray(base) && Array.isArray(over)) return once([...base, ...over], way);
  if (!isMap(base) || !isMap(over)) return over;
  const result: Values = { ...base };
  for (const [key, value] of Object.entries(over))
    put(result, key, merged(Object.hasOwn(base, key) ? base[key] : undefined, value, [...way, key]));
  return result;
}

const driverOf = (logging: unknown): unknown => (isMap(logging) ? logging.driver : undefined);

/** The later of two items that are the same one stands where the first stood. */
export function once(items: readonly unknown[], way: Way): readonly unknown[] {
  const at = way.join('.');
  const keyOf = Object.hasOwn(keys, at) ? keys[at] : undefined;
  if (!keyOf && !unique.has(at) && way.at(-1) !== 'aliases') return items;
  const found = new Map<string, unknown>();
  for (const item of items) found.set(isMap(item) && keyOf ? keyOf(item) : String(item), item);
  return [...found.values()];
}

/** Without what stands at the way: `!reset` and `!override` of a later file. */
export function without(value: unknown, way: Way): unknown {
  const [key, ...rest] = way;
  if (key === undefined || !isMap(value) || !Object.hasOwn(value, key)) return value;
  if (rest.length === 0) return Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));
  return { ...value, [key]: without(value[key], rest) };
}
