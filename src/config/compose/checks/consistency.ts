// What a project as a whole cannot be: names of nothing, cycles, settings that exclude each other.
import { hintFor } from '../../../model/text/nearest.ts';
import { circles, stepsText } from '../../circles.ts';
import { isMap, type Values } from '../forms/forms.ts';
import type { Places } from '../places.ts';
import { contradictions, type Tell } from './contradictions.ts';

type Named = Readonly<Record<string, Values>>;

export interface Whole {
  readonly services: Named;
  readonly networks: Named;
  readonly volumes: Named;
  readonly secrets: Named;
  readonly configs: Named;
}

/** `told`: where a value stands, and from where files are named. */
export function checkWhole(whole: Whole, told: { readonly at: Places; readonly dir: string }, tell: Tell): void {
  for (const [name, service] of Object.entries(whole.services)) {
    const at = ['services', name];
    if (!service.image && service.build === undefined && service.provider === undefined)
      tell(
        'S103',
        at,
        `service ${name} has neither image nor build`,
        'name the image that it runs, or build one from a Dockerfile',
      );
    if (service.network_mode && isMap(service.networks) && Object.keys(service.networks).length > 0)
      tell(
        'S103',
        [...at, 'network_mode'],
        `service ${name} has both network_mode and networks`,
        'take one of them away',
      );
    refersOf(name, service, whole, tell);
    shapes(name, service, tell);
    contradictions(name, service, tell);
  }
  containerNames(whole.services, tell);
  for (const [name, { external, driver, driver_opts, labels }] of Object.entries(whole.volumes))
    for (const [key, value] of Object.entries({ driver, driver_opts, labels }))
      if (external && value !== undefined)
        tell(
          'S103',
          ['volumes', name, key],
          `volumes.${name} is external: it has no ${key} here`,
          'take one of them away',
        );
  for (const section of ['secrets', 'configs'] as const) sourcesOf(whole[section], section, tell);
  circlesOf(whole.services, told, tell);
}

function containerNames(services: Named, tell: Tell): void {
  const owners = new Map<unknown, string>();
  for (const [name, { container_name: own }] of Object.entries(services)) {
    if (own === undefined) continue;
    const other = owners.get(own);
    if (other !== undefined)
      tell(
        'S103',
        ['services', name, 'container_name'],
        `the containers of ${other} and ${name} have the same name`,
        'give one of them another',
      );
    owners.set(own, name);
  }
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
  contextsOf(name, service, whole, tell);
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

/** `service:NAME` is what that service builds. */
function contextsOf(name: string, { build }: Values, { services }: Whole, tell: Tell): void {
  const contexts = isMap(build) && isMap(build.additional_contexts) ? build.additional_contexts : {};
  for (const [key, value] of Object.entries(contexts)) {
    const of = /^service:(.*)$/s.exec(String(value))?.[1];
    if (of === undefined || (Object.hasOwn(services, of) && services[of]?.build !== undefined)) continue;
    const at = ['services', name, 'build', 'additional_contexts', key];
    const what = `a build of service ${name} takes what ${of} builds, and there is no such build`;
    const built = Object.keys(services).filter((each) => services[each]?.build !== undefined);
    tell('S107', at, what, Object.hasOwn(services, of) ? `give ${of} a build` : hintFor(of, built, 'there are'));
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
    else if (mount.type === 'bind' && !mount.source)
      tell('S103', at('volumes', i), 'this bind has no source', 'source: is the path on this machine');
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
  for (const [name, { file, environment, content, external }] of Object.entries(all)) {
    const given = [file, environment, content].filter((each) => each !== undefined).length;
    const ways = section === 'configs' ? 'file, environment or content' : 'file or environment';
    if (given > 1)
      tell('S103', [section, name], `${section}.${name} has more than one of ${ways}`, 'write one of them');
    else if (given === 0 && !external)
      tell('S103', [section, name], `${section}.${name} says nowhere what it is`, `write ${ways}, or external: true`);
  }
}

function circlesOf(services: Named, told: { readonly at: Places; readonly dir: string }, tell: Tell): void {
  const needsOf = (name: string): readonly string[] => {
    const needs = Object.hasOwn(services, name) ? services[name]?.depends_on : undefined;
    return Object.keys(isMap(needs) ? needs : {});
  };
  circles(Object.keys(services), needsOf, (circle) => {
    const pathOf = (i: number) => ['services', circle[i] ?? '', 'depends_on', circle[i + 1] ?? ''];
    const steps = circle.slice(1).map((other, i) => ({
      says: `${circle[i]} depends on ${other}`,
      at: told.at(pathOf(i)),
    }));
    tell('S108', pathOf(0), `services wait for each other: ${circle.join(' → ')}`, stepsText(steps, told.dir));
  });
}
