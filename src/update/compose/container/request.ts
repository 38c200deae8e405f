// From a service to the body of `POST /containers/create`, as Compose fills it. Pure.
import { composeLabels } from '../../../model/compose/names.ts';
import type { ComposeSpec } from '../../../model/config.ts';
import type { EngineRequest } from '../../../model/ports/containers.ts';
import { exposedPorts } from './exposed-ports.ts';
import { hostConfig } from './host-config.ts';
import type { Recipe } from './recipe.ts';
import { endpointOf, networkModeOf, primaryNetwork } from './service-networks.ts';
import { hashWith, idAmong } from './shared-containers.ts';
import { environmentOf, nanosecondsOf, said, secondsOf } from './units.ts';

export function containerRequest(recipe: Recipe): EngineRequest {
  const { spec } = recipe;
  const { config } = spec;
  const idOf = (service: string) => idAmong(recipe.others, service, spec);
  const networkMode = networkModeOf(spec, idOf);
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
    AttachStdout: true,
    AttachStderr: true,
    Tty: config.tty,
    OpenStdin: config.stdin_open,
    // The end of what is typed is the end of what it reads.
    ...(recipe.isOneOff ? { AttachStdin: true, StdinOnce: true } : {}),
    Labels: labelsOf(recipe),
    StopSignal: config.stop_signal,
    StopTimeout: secondsOf(config.stop_grace_period),
    Healthcheck: healthcheckOf(config.healthcheck),
    ExposedPorts: exposedPorts(config),
    HostConfig: {
      ...hostConfig(recipe, idOf),
      NetworkMode: networkMode,
      ...(recipe.goesByItself ? { AutoRemove: true } : {}),
    },
    NetworkingConfig: primary ? { EndpointsConfig: { [primary.name]: endpointOf(primary.key, recipe) } } : undefined,
  });
}

/** By what `docker compose` finds what it made, and by what it tells whether it is still as configured. */
export function labelsOf({
  spec,
  number,
  imageId,
  isOneOff,
  before,
  others,
}: Recipe): Readonly<Record<string, string>> {
  const { config, compose, service } = spec;
  const there = new Set(spec.needs.map(({ name }) => name));
  const needs = Object.entries(config.depends_on ?? {})
    .filter(([name, { required }]) => required || there.has(name))
    .map(([name, { condition, restart }]) => `${name}:${condition}:${restart ?? false}`);
  return {
    ...config.labels,
    [composeLabels.project]: compose.name,
    [composeLabels.service]: service,
    [composeLabels.number]: String(number),
    [composeLabels.oneoff]: isOneOff ? 'True' : 'False',
    [composeLabels.hash]: hashWith(spec, others),
    [composeLabels.dir]: compose.dir,
    [composeLabels.files]: compose.files.join(','),
    [composeLabels.image]: imageId,
    [composeLabels.needs]: needs.join(','),
    [composeLabels.version]: 'sluice',
    ...(before ? { [composeLabels.replace]: config.container_name ?? `${service}-${number}` } : {}),
  };
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
