// What a project as a whole cannot be: names of nothing, cycles, settings that exclude each other.
import { hintFor } from '../../model/nearest.ts';
import { isMap, type Values } from './forms/forms.ts';

export type Tell = (code: string, path: readonly (string | number)[], what: string, hint: string) => void;

type Named = Readonly<Record<string, Values>>;

export interface Whole {
  readonly services: Named;
  readonly networks: Named;
  readonly volumes: Named;
  readonly secrets: Named;
  readonly configs: Named;
}

export function checkWhole(whole: Whole, tell: Tell): void {
  for (const [name, service] of Object.entries(whole.services)) {
    const at = ['services', name];
    if (service.image === undefined && service.build === undefined && service.provider === undefined)
      tell(
        'S103',
        at,
        `service ${name} has neither image nor build`,
        'name the image that it runs, or build one from a Dockerfile',
      );
    if (service.network_mode !== undefined && service.networks !== undefined)
      tell(
        'S103',
        [...at, 'network_mode'],
        `service ${name} has both network_mode and networks`,
        'take one of them away',
      );
    limitsTwice(name, service, tell);
    refersOf(name, service, whole, tell);
    shapes(name, service, tell);
  }
  for (const section of ['secrets', 'configs'] as const) sourcesOf(whole[section], section, tell);
  cycles(whole.services, tell);
}

function limitsTwice(name: string, service: Values, tell: Tell): void {
  const deploy = isMap(service.deploy) ? service.deploy : {};
  const resources = isMap(deploy.resources) ? deploy.resources : {};
  const [limits, kept] = [resources.limits, resources.reservations].map((each) => (isMap(each) ? each : {})) as [
    Values,
    Values,
  ];
  const twice: readonly (readonly [string, unknown, string, unknown])[] = [
    ['cpus', service.cpus, 'deploy.resources.limits.cpus', limits.cpus],
    ['mem_limit', service.mem_limit, 'deploy.resources.limits.memory', limits.memory],
    ['pids_limit', service.pids_limit, 'deploy.resources.limits.pids', limits.pids],
    ['mem_reservation', service.mem_reservation, 'deploy.resources.reservations.memory', kept.memory],
  ];
  for (const [key, one, other, value] of twice)
    if (one !== undefined && value !== undefined && one !== value)
      tell(
        'S103',
        ['services', name, key],
        `${key} and ${other} of service ${name} differ`,
        'write one of them, or the same in both',
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

function refersOf(name: string, service: Values, whole: Whole, tell: Tell): void {
  const at = (...rest: (string | number)[]) => ['services', name, ...rest];
  const known = (path: (string | number)[], of: string, section: keyof Whole) => {
    if (Object.hasOwn(whole[section], of)) return;
    const one = section.slice(0, -1);
    tell(
      'S107',
      path,
      `service ${name} names the ${one} ${of}, which is not defined`,
      `${hintFor(of, Object.keys(whole[section]), 'there are')}; it is defined under ${section}: at the top`,
    );
  };
  for (const network of Object.keys((service.networks as Values | undefined) ?? {}))
    if (network !== 'default') known(at('networks', network), network, 'networks');
  for (const [i, mount] of listOf(service.volumes).entries())
    if (mount.type === 'volume' && mount.source) known(at('volumes', i), String(mount.source), 'volumes');
  for (const section of ['secrets', 'configs'] as const)
    for (const [i, mount] of listOf(service[section]).entries()) known(at(section, i), String(mount.source), section);
  if (isMap(service.build) && service.build.dockerfile !== undefined && service.build.dockerfile_inline !== undefined)
    tell(
      'S103',
      at('build', 'dockerfile_inline'),
      `service ${name} is built from both dockerfile and dockerfile_inline`,
      'take one of them away',
    );
  if (isMap(service.build))
    for (const [i, mount] of listOf(service.build.secrets).entries())
      known(at('build', 'secrets', i), String(mount.source), 'secrets');
  for (const [other, need] of Object.entries((service.depends_on as Values | undefined) ?? {})) {
    if (Object.hasOwn(whole.services, other) || (isMap(need) && need.required === false)) continue;
    tell(
      'S107',
      at('depends_on', other),
      `service ${name} depends on ${other}, which is not there`,
      `${hintFor(other, Object.keys(whole.services), 'there are')}; a service of a profile is there where that is active`,
    );
  }
}

const listOf = (value: unknown): readonly Values[] => (Array.isArray(value) ? value.filter(isMap) : []);

function shapes(name: string, service: Values, tell: Tell): void {
  const at = (...rest: (string | number)[]) => ['services', name, ...rest];
  const { test } = isMap(service.healthcheck) ? service.healthcheck : {};
  if (Array.isArray(test) && test.length > 0 && !['NONE', 'CMD', 'CMD-SHELL'].includes(String(test[0])))
    tell(
      'S103',
      at('healthcheck', 'test'),
      'a list of healthcheck.test begins with NONE, CMD or CMD-SHELL',
      'or write the command as one text',
    );
  for (const [i, port] of listOf(service.ports).entries())
    if (port.target === undefined)
      tell('S103', at('ports', i), 'this port has no target', 'target: is the port in the container');
  for (const [i, mount] of listOf(service.volumes).entries())
    if (!mount.target)
      tell('S103', at('volumes', i), 'this volume has no target', 'target: is the path in the container');
  const { watch } = isMap(service.develop) ? service.develop : {};
  for (const [i, rule] of listOf(watch).entries())
    if (/^sync/.test(String(rule.action)) && !rule.target)
      tell(
        'S103',
        at('develop', 'watch', i),
        `${String(rule.action)} needs a target`,
        'target: is the path in the container',
      );
}

function sourcesOf(all: Named, section: 'secrets' | 'configs', tell: Tell): void {
  for (const [name, { file, environment, content, external, driver }] of Object.entries(all)) {
    const given = [file, environment, content].filter((each) => each !== undefined).length;
    const ways = section === 'configs' ? 'file, environment or content' : 'file or environment';
    if (given > 1)
      tell('S103', [section, name], `${section}.${name} has more than one of ${ways}`, 'write one of them');
    else if (given === 0 && !external && driver === undefined)
      tell('S103', [section, name], `${section}.${name} says nowhere what it is`, `write ${ways}, or external: true`);
  }
}

function cycles(services: Named, tell: Tell): void {
  const done = new Set<string>();
  const visit = (name: string, way: readonly string[]): void => {
    if (way.includes(name)) {
      const loop = [...way.slice(way.indexOf(name)), name];
      tell(
        'S108',
        ['services', name, 'depends_on'],
        `services wait for each other: ${loop.join(' → ')}`,
        'take one of these needs away',
      );
      return;
    }
    if (done.has(name)) return;
    const needs = Object.hasOwn(services, name) ? services[name]?.depends_on : undefined;
    for (const other of Object.keys(isMap(needs) ? needs : {})) visit(other, [...way, name]);
    done.add(name);
  };
  for (const name of Object.keys(services)) visit(name, []);
}
