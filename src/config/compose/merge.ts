// One service laid over another, both in the form that Compose prints: maps by their keys, lists by what tells their items apart,
// everything else is the later one's.
import { isMap, put, type Values } from './forms/forms.ts';

/** Path within a service or another resource. */
export type Way = readonly string[];

/** The later one's alone, even where it is nothing. */
const replaced = new Set(['command', 'entrypoint', 'healthcheck.test']);

/** Names whose later value counts even where it is nothing: that of the environment is taken then. */
const variables = new Set(['environment', 'build.args']);

type Named = Readonly<Record<string, unknown>>;

/** A list as maps: what tells its items apart, and of texts what stands before the first `=`. */
const beforeEquals = (item: unknown): string => String(item).split('=', 1)[0] as string;
const whole = (item: unknown): string => String(item);
const byField =
  (form: (item: Named) => string) =>
  (item: unknown): string =>
    isMap(item) ? form(item) : String(item);

/** What tells the items of lists apart that have each of them once. */
const keys: Readonly<Record<string, (item: unknown) => string>> = {
  // No address is every one of IPv4.
  ports: byField(({ host_ip = '0.0.0.0', published, target, protocol = 'tcp' }) =>
    JSON.stringify([host_ip, published, target, protocol]),
  ),
  volumes: byField(({ target }) => String(target)),
  devices: byField(({ target, source }) => String(target ?? source)),
  configs: byField(({ target, source }) => String(target ?? `/${String(source)}`)),
  secrets: byField(({ target, source }) => String(target ?? `/run/secrets/${String(source)}`)),
  env_file: byField(({ path }) => String(path)),
  cap_add: beforeEquals,
  cap_drop: beforeEquals,
  dns: beforeEquals,
  dns_opt: beforeEquals,
  dns_search: beforeEquals,
  links: beforeEquals,
  profiles: beforeEquals,
  tmpfs: beforeEquals,
  expose: whole,
  extra_hosts: whole,
  'build.tags': beforeEquals,
  'build.extra_hosts': whole,
};

/** Lists in which nothing may stand twice: Compose does not put them in order, but refuses them. */
export const distinct = [
  'security_opt',
  'group_add',
  'volumes_from',
  'external_links',
  'device_cgroup_rules',
  'build.no_cache_filter',
] as const;

export function merged(base: unknown, over: unknown, way: Way = []): unknown {
  if (base === undefined) return over;
  const at = way.join('.');
  if (over === null && (replaced.has(at) || variables.has(way.slice(0, -1).join('.')))) return null;
  if (base === null) return over ?? null;
  if (over === undefined || over === null) return base;
  if (replaced.has(at)) return over;
  if (
    at === 'logging' &&
    driverOf(over) !== undefined &&
    driverOf(base) !== driverOf(over) &&
    driverOf(base) !== undefined
  )
    return over;
  if (Array.isArray(base) && Array.isArray(over))
    return at === 'ipam.config' ? subnets(base, over) : once([...base, ...over], way);
  if (!isMap(base) || !isMap(over)) return over;
  const result: Values = { ...base };
  for (const [key, value] of Object.entries(over))
    put(result, key, merged(Object.hasOwn(base, key) ? base[key] : undefined, value, [...way, key]));
  return result;
}

/** Where what is laid over a map or a list is none: only a plain value gives way to whatever comes. */
export function clashesOf(base: unknown, over: unknown, way: Way = []): readonly Way[] {
  if (base === undefined || base === null || over === undefined || over === null) return [];
  if (Array.isArray(base)) return Array.isArray(over) ? [] : [way];
  if (!isMap(base)) return [];
  if (!isMap(over)) return [way];
  return Object.entries(over).flatMap(([key, value]) =>
    Object.hasOwn(base, key) ? clashesOf(base[key], value, [...way, key]) : [],
  );
}

/** The same in the `x-…` of something as it is written; of all else there are several forms. */
export function extensionClashes(base: unknown, over: unknown, way: Way = []): readonly Way[] {
  if (!isMap(base) || !isMap(over)) return [];
  return Object.entries(over).flatMap(([key, value]) => {
    if (!Object.hasOwn(base, key)) return [];
    const here = [...way, key];
    return key.startsWith('x-') ? clashesOf(base[key], value, here) : extensionClashes(base[key], value, here);
  });
}

/** What Compose cannot lay one over the other; `written` is the later one as it stands in its file, `section` where both are. */
export function conflictsOf(base: unknown, over: unknown, written: unknown, section: unknown): readonly Way[] {
  const at = (value: unknown, way: Way): unknown =>
    way.reduce<unknown>((inside, key) => (isMap(inside) ? inside[key] : undefined), value);
  const isIn = (way: Way): boolean => at(base, way) !== undefined && at(over, way) !== undefined;
  const none = (value: unknown): boolean => Array.isArray(value) && value.length === 0;
  const [ssh, config] = [
    ['build', 'ssh'],
    ['ipam', 'config'],
  ] as const;
  const [labels, more] = [at(base, ['labels']), at(over, ['labels'])];
  // A list of labels has none twice, and that of a volume is not put in order before that is asked.
  const isTwice = ([key, value]: readonly [string, unknown]): boolean => isMap(labels) && labels[key] === value;
  const repeats = section === 'volumes' && isMap(more) && Object.entries(more).some(isTwice);
  return [
    ...(repeats ? [['labels']] : []),
    ...(isIn(ssh) ? [ssh] : []),
    ...(isIn(['gpus']) && at(written, ['gpus']) === 'all' ? [['gpus']] : []),
    ...(isIn(config) && (none(at(base, config)) || none(at(over, config))) ? [config] : []),
  ];
}

/** As Compose does: of the earlier ones, those whose subnet is said again are kept. */
function subnets(base: readonly unknown[], over: readonly unknown[]): readonly unknown[] {
  const made: Values[] = [];
  const find = (subnet: unknown) => made.findIndex((each) => each.subnet === subnet);
  for (const earlier of base.filter(isMap))
    for (const later of over.filter(isMap)) {
      if (earlier.subnet !== later.subnet && find(later.subnet) < 0) {
        made.push(later);
        continue;
      }
      const both = merged(earlier, later) as Values;
      const at = find(both.subnet);
      if (at < 0) made.push(both);
      else made[at] = both;
    }
  return made;
}

const driverOf = (logging: unknown): unknown => (isMap(logging) ? logging.driver : undefined);

/** The later of two items that are the same one stands where the first stood. */
export function once(items: readonly unknown[], way: Way): readonly unknown[] {
  const keyOf = keyAt(way);
  if (!keyOf) return items;
  const found = new Map<string, unknown>();
  for (const item of items) found.set(keyOf(item), item);
  return [...found.values()];
}

function keyAt(way: Way): ((item: unknown) => string) | undefined {
  const [section, , list = ''] = way;
  if (section === 'networks' && way.length === 3)
    return list === 'aliases' || list === 'link_local_ips' ? beforeEquals : undefined;
  const at = way.join('.');
  return Object.hasOwn(keys, at) ? keys[at] : undefined;
}

/** Without what stands at the way: `!reset` and `!override` of a later file. */
export function without(value: unknown, way: Way): unknown {
  const [key, ...rest] = way;
  if (key === undefined || !isMap(value) || !Object.hasOwn(value, key)) return value;
  if (rest.length === 0) return Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));
  return { ...value, [key]: without(value[key], rest) };
}
