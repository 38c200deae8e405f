// What Compose fills in once all files are one: defaults, names, networks nobody named, needs nobody wrote; and what cannot be.
import { written } from './files/dialect.ts';
import { hostsInOrder, isMap, mapped, type Values } from './forms/forms.ts';
import { isRemote } from './forms/quantities.ts';
import { once } from './merge.ts';

/** A service with its defaults. */
export function finished(service: Values): Values {
  const is: Values = { ...service };
  if (isMap(is.build)) {
    const build: Values = { ...is.build };
    if (build.dockerfile === undefined && build.dockerfile_inline === undefined) build.dockerfile = 'Dockerfile';
    if (Array.isArray(build.tags)) build.tags = once(build.tags, ['build', 'tags']);
    if (Array.isArray(build.extra_hosts)) build.extra_hosts = hostsInOrder(build.extra_hosts);
    if (isMap(build.ssh)) build.ssh = Object.entries(build.ssh).map(([id, at]) => (at === null ? id : `${id}=${at}`));
    if (isMap(build.ulimits)) build.ulimits = mapped(build.ulimits, limit);
    is.build = build;
  }
  if (is.pull_policy === 'if_not_present') is.pull_policy = 'missing';
  if (isMap(is.depends_on))
    is.depends_on = each(is.depends_on, (need) => ({ ...needDefaults, ...(isMap(need) ? need : {}) }));
  if (Array.isArray(is.devices))
    is.devices = is.devices.map((device) => ({ target: device.source, permissions: 'rwm', ...device }));
  if (Array.isArray(is.gpus)) is.gpus = is.gpus.map(counted);
  if (Array.isArray(is.secrets)) is.secrets = is.secrets.map(secretAt);
  if (Array.isArray(is.volumes)) is.volumes = is.volumes.map(withoutDefault);
  for (const key of Object.keys(is)) if (Array.isArray(is[key])) is[key] = once(is[key], [key]);
  if (Array.isArray(is.extra_hosts)) is.extra_hosts = hostsInOrder(is.extra_hosts);
  if (Array.isArray(is.ports)) is.ports = is.ports.map(published);
  if (isMap(is.deploy)) is.deploy = deployed(is.deploy, is.scale);
  if (isMap(is.ulimits)) is.ulimits = mapped(is.ulimits, limit);
  if (isMap(is.networks)) is.networks = mappedNetworks(is.networks);
  const hasNetworks = isMap(is.networks) && Object.keys(is.networks).length > 0;
  if (!hasNetworks) delete is.networks;
  if (!hasNetworks && is.network_mode === undefined && is.provider === undefined) is.networks = { default: null };
  is.depends_on = withImplicit(is);
  return is;
}

/** What is printed is a text. */
const published = ({ published: at, ...port }: Values): Values => ({
  mode: 'ingress',
  protocol: 'tcp',
  ...port,
  ...(at === undefined ? {} : { published: written(at) }),
});

const needDefaults = { condition: 'service_started', required: true };

const each = (values: Values, form: (value: unknown) => unknown): Values =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, form(value)]));

const mappedNetworks = (networks: Values): Values =>
  Object.fromEntries(
    Object.entries(networks).map(([name, own]) => [
      name,
      isMap(own)
        ? mapped(own, (value, key) => (Array.isArray(value) ? once(value, ['networks', name, key]) : value))
        : own,
    ]),
  );

/** What is 0 is not printed, whatever it means. */
const limit = (value: unknown): unknown => {
  if (!isMap(value)) return value === 0 ? {} : value;
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== 0));
};

const secretAt = (mount: Values): Values => ({
  ...mount,
  target: mount.target ?? `/run/secrets/${String(mount.source)}`,
});

/** A directory that is bound is made where it is missing, unless it is said not to be. */
function withoutDefault(mount: Values): Values {
  if (!isMap(mount.bind) || mount.bind.create_host_path !== true) return mount;
  const { create_host_path: _, ...bind } = mount.bind;
  return { ...mount, bind };
}

/** All there are, where neither how many nor which is said. */
const counted = (request: Values): Values =>
  request.count === undefined && request.device_ids === undefined ? { ...request, count: -1 } : request;

function deployed(deploy: Values, scale: unknown): Values {
  const { resources = {} } = deploy;
  const { reservations } = isMap(resources) ? resources : {};
  const devices = isMap(reservations) && Array.isArray(reservations.devices) ? reservations.devices.map(counted) : null;
  return {
    ...deploy,
    ...(scale === undefined ? {} : { replicas: scale }),
    resources: devices
      ? { ...(resources as Values), reservations: { ...(reservations as Values), devices } }
      : resources,
    placement: deploy.placement ?? {},
  };
}

/** Who shares something with another service starts after it. */
function withImplicit(service: Values): unknown {
  const needs: Values = { ...((service.depends_on as Values | undefined) ?? {}) };
  const add = (name: string, restart: boolean): void => {
    if (!Object.hasOwn(needs, name))
      needs[name] = { condition: 'service_started', ...(restart ? { restart } : {}), required: true };
  };
  for (const link of textsOf(service.links)) add(link.split(':')[0] as string, true);
  for (const key of ['network_mode', 'ipc', 'pid', 'uts', 'cgroup']) {
    const shared = service[key];
    if (typeof shared === 'string' && shared.startsWith('service:')) add(shared.slice('service:'.length), true);
  }
  for (const from of textsOf(service.volumes_from))
    if (!from.startsWith('container:')) add(from.split(':')[0] as string, false);
  return Object.keys(needs).length > 0 ? needs : undefined;
}

const textsOf = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);

/** Contexts that name no directory are those of a remote. */
export const isLocalContext = (context: unknown): context is string =>
  typeof context === 'string' && !isRemote(context);
