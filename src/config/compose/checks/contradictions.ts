// What a service says twice, and not alike: limits in two places, ways that exclude each other, lists with an item twice.
import { isMap, type Values } from '../forms/forms.ts';
import { distinct } from '../merge.ts';

export type Tell = (code: string, path: readonly (string | number)[], what: string, hint: string) => void;

export function contradictions(name: string, service: Values, tell: Tell): void {
  limitsTwice(name, service, tell);
  exclusive(name, service, tell);
  repeated(name, service, tell);
  mountedTwice(name, service, tell);
}

/** A tmpfs stands where no volume stands, as both are written. */
function mountedTwice(name: string, { tmpfs, volumes }: Values, tell: Tell): void {
  const targets = Array.isArray(tmpfs) ? tmpfs.map((each) => String(each).split(':', 1)[0]) : [];
  const told = (key: string, i: number, target: unknown) =>
    tell(
      'S103',
      ['services', name, key, i],
      `${String(target).slice(0, 100)} of service ${name} is a tmpfs already`,
      'take one of them away',
    );
  for (const [i, target] of targets.entries()) if (targets.indexOf(target) < i) told('tmpfs', i, target);
  for (const [i, { target }] of listOf(volumes).entries())
    if (targets.includes(target as string)) told('volumes', i, target);
}

function limitsTwice(name: string, service: Values, tell: Tell): void {
  const deploy = isMap(service.deploy) ? service.deploy : {};
  const resources = isMap(deploy.resources) ? deploy.resources : {};
  const { limits, reservations: kept } = resources;
  // Where either part is written, what it leaves out is none.
  const twice: readonly (readonly [string, string, unknown, string])[] = [
    ['cpus', 'limits', limits, 'cpus'],
    ['mem_limit', 'limits', limits, 'memory'],
    ['pids_limit', 'limits', limits, 'pids'],
    ['mem_reservation', 'reservations', kept, 'memory'],
  ];
  for (const [key, part, given, inside] of twice) {
    const own = service[key];
    if (isNone(own) || !isMap(given) || own === given[inside]) continue;
    const what = `${key} and deploy.resources.${part}.${inside} of service ${name} differ`;
    tell('S103', ['services', name, key], what, 'write one of them, or the same in both');
  }
  for (const [key, value] of [
    ['scale', service.scale],
    ['deploy.replicas', deploy.replicas],
  ] as const)
    if (Number(value ?? 0) < 0)
      tell(
        'S103',
        ['services', name, ...key.split('.')],
        `${key} of service ${name} is less than none`,
        'write 0, or more',
      );
  const many = Number(service.scale ?? deploy.replicas ?? 1);
  if (service.container_name !== undefined && many > 1)
    tell(
      'S103',
      ['services', name, 'container_name'],
      `service ${name} has ${many} containers, which cannot have one name`,
      'take container_name away',
    );
}

const isNone = (value: unknown): boolean => value === undefined || value === 0 || value === '0';

/** What says the same in two ways. */
function exclusive(name: string, { gpus, deploy, build, platform }: Values, tell: Tell): void {
  const at = (...rest: (string | number)[]) => ['services', name, ...rest];
  const platforms = isMap(build) && Array.isArray(build.platforms) ? build.platforms : [];
  if (platform !== undefined && platforms.length > 0 && !platforms.includes(platform))
    tell(
      'S103',
      at('platform'),
      `service ${name} runs on ${String(platform).slice(0, 40)}, which build.platforms has not`,
      'add it there',
    );
  const resources = isMap(deploy) && isMap(deploy.resources) ? deploy.resources : {};
  const kept = isMap(resources.reservations) ? resources.reservations.devices : undefined;
  const requests = [
    ...listOf(gpus).map((request, i) => [request, at('gpus', i)] as const),
    ...listOf(kept).map((request, i) => [request, at('deploy', 'resources', 'reservations', 'devices', i)] as const),
  ];
  for (const [{ count, device_ids }, path] of requests)
    if (count !== undefined && device_ids !== undefined)
      tell('S103', path, 'these devices are both counted and named', 'write count, or device_ids');
}

/** A list of which each item may be there once, over all files that say it. */
function repeated(name: string, service: Values, tell: Tell): void {
  for (const key of distinct) {
    const path = key.split('.');
    const items = path.reduce<unknown>((inside, part) => (isMap(inside) ? inside[part] : undefined), service);
    if (!Array.isArray(items)) continue;
    const i = items.findIndex((item, at) => items.indexOf(item) < at);
    if (i < 0) continue;
    const what = `${key} of service ${name} has ${String(items[i]).slice(0, 100)} twice`;
    tell('S103', ['services', name, ...path, i], what, 'write it once');
  }
}

const listOf = (value: unknown): readonly Values[] => (Array.isArray(value) ? value.filter(isMap) : []);
