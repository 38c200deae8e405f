// From a service to the body of `POST /containers/create`, as Compose fills it. Pure.
import { composeLabels } from '../../../model/compose-names.ts';
import type { ComposeSpec } from '../../../model/config.ts';
import type { EngineRequest } from '../../../model/ports/containers.ts';
import { ProblemError } from '../../../model/problem.ts';
import { configHash } from '../config-hash.ts';
import { hostConfig } from './host-config.ts';
import type { Recipe } from './recipe.ts';
import { endpointOf, networkModeOf, primaryNetwork } from './service-networks.ts';
import { environmentOf, nanosecondsOf, said, secondsOf } from './units.ts';

export function containerRequest(recipe: Recipe): EngineRequest {
  const { spec } = recipe;
  const { config } = spec;
  const networkMode = networkModeOf(spec, (service) => otherOf(recipe, service));
  const primary = primaryNetwork(spec);
  return said({
    Image: spec.image,
    Cmd: config.command ?? undefined,
    Entrypoint: config.entrypoint ?? undefined,
    Hostname: config.hostname,
    Domainname: config.domainname,
    User: config.user,
    WorkingDir: config.working_dir,
    Env: environmentOf(config.environment),
    Tty: config.tty,
    OpenStdin: config.stdin_open,
    Labels: labelsOf(recipe),
    StopSignal: config.stop_signal,
    StopTimeout: secondsOf(config.stop_grace_period),
    Healthcheck: healthcheckOf(config.healthcheck),
    ExposedPorts: exposed(spec),
    HostConfig: { ...hostConfig(recipe, (service) => otherOf(recipe, service)), NetworkMode: networkMode },
    NetworkingConfig: primary
      ? { EndpointsConfig: { [primary.name]: endpointOf(primary.key, spec, recipe.name) } }
      : undefined,
  });
}

/** By what `docker compose` finds what it made, and by what it tells whether it is still as configured. */
export function labelsOf({ spec, number, imageId, isOneOff }: Recipe): Readonly<Record<string, string>> {
  const { config, compose, service } = spec;
  const needs = Object.entries(config.depends_on ?? {}).map(
    ([name, { condition, restart }]) => `${name}:${condition}:${restart ?? false}`,
  );
  return {
    ...config.labels,
    [composeLabels.project]: compose.name,
    [composeLabels.service]: service,
    [composeLabels.number]: String(number),
    [composeLabels.oneoff]: isOneOff ? 'True' : 'False',
    [composeLabels.hash]: configHash(config),
    [composeLabels.dir]: compose.dir,
    [composeLabels.files]: compose.files.join(','),
    [composeLabels.image]: imageId,
    [composeLabels.needs]: needs.join(','),
    [composeLabels.version]: 'sluice',
  };
}

function otherOf({ spec, others }: Recipe, service: string): string {
  const id = Object.hasOwn(others, service) ? others[service] : undefined;
  if (id !== undefined) return id;
  throw new ProblemError({
    kind: 'unavailable',
    code: 'S377',
    what: `${spec.service}: the service ${service}, which it shares something with, has no container`,
    hint: `is ${service} among what it depends on?`,
    at: spec.at,
  });
}

type Health = ComposeSpec['config']['healthcheck'];

function healthcheckOf(health: Health): EngineRequest | undefined {
  if (!health) return undefined;
  if (health.disable) return { Test: ['NONE'] };
  return said({
    Test: health.test,
    Interval: nanosecondsOf(health.interval),
    Timeout: nanosecondsOf(health.timeout),
    StartPeriod: nanosecondsOf(health.start_period),
    StartInterval: nanosecondsOf(health.start_interval),
    Retries: health.retries,
  });
}

function exposed({ config }: ComposeSpec): Readonly<Record<string, object>> | undefined {
  const keys = [
    ...(config.expose ?? []).map((port) => (port.includes('/') ? port : `${port}/tcp`)),
    ...(config.ports ?? []).map(({ target, protocol = 'tcp' }) => `${target}/${protocol}`),
  ];
  return keys.length > 0 ? Object.fromEntries(keys.map((key) => [key, {}])) : undefined;
}
