// Each key of a service in the form that Compose prints, in its order.

import { written } from '../files/dialect.ts';
import {
  asIs,
  bool,
  bytes,
  command,
  duration,
  type Form,
  hosts,
  isMap,
  list,
  mapped,
  named,
  namesOr,
  nowhere,
  orText,
  pairs,
  path,
  table,
  text,
  texts,
  type Values,
  within,
} from './forms.ts';
import { device, fileMount, port, volume } from './mounts.ts';
import { amount, bareAmountIn, from, single, whole } from './numbers.ts';
import { isRemote, pathFrom } from './quantities.ts';

const dict = pairs('');
const variables: Form = (value, writing) => {
  const blank = Array.isArray(value) ? value.find((each) => /^[^=]*\s(?:=|$)/.test(String(each))) : undefined;
  if (blank !== undefined)
    writing.fail(`a blank stands behind the name in "${String(blank).slice(0, 40)}"`, 'take it out');
  return pairs(null)(value, writing);
};
export const options: Form = (value, writing) =>
  mapped(value as Values, (each, key) => (each === null ? '' : within(writing, key, () => text(each, writing))));

const ulimits: Form = (value, writing) =>
  mapped(value as Values, (each) =>
    isMap(each) ? table({ soft: whole, hard: whole })(each, writing) : whole(each, writing),
  );

const count: Form = (value, writing) => (value === 'all' ? -1 : whole(value, writing));
const request = table({ capabilities: texts, driver: text, count, device_ids: texts, options: dict });

const context: Form = (value, writing) => (value === '' || isRemote(String(value)) ? value : path(value, writing));

const contexts: Form = (value, { dir }) =>
  mapped(dict(value, { ...nowhere, dir }) as Values, (each) => {
    const given = String(each);
    return /^(?:docker-image|service|target|oci-layout):/.test(given) || isRemote(given) ? given : pathFrom(dir, given);
  });

/** `default`, or `id=socket`. */
const ssh: Form = (value, writing) =>
  Array.isArray(value)
    ? value.map((each) => {
        if (each !== 'default' && !String(each).includes('='))
          writing.fail(`"${String(each).slice(0, 80)}" is no agent`, 'write default, or ID=SOCKET');
        return written(each);
      })
    : mapped(variables(value, nowhere) as Values, (each) =>
        each === null ? null : pathFrom(writing.dir, String(each)),
      );

const build = orText(
  'context',
  table({
    context,
    dockerfile: text,
    dockerfile_inline: text,
    entitlements: texts,
    args: variables,
    provenance: text,
    sbom: text,
    ssh,
    labels: dict,
    cache_from: texts,
    cache_to: texts,
    no_cache: bool,
    no_cache_filter: texts,
    additional_contexts: contexts,
    pull: bool,
    extra_hosts: hosts,
    isolation: text,
    network: text,
    target: text,
    secrets: list(fileMount),
    shm_size: bytes,
    tags: texts,
    ulimits,
    platforms: texts,
    privileged: bool,
  }),
);

const hookFields = { command, image: text, user: text, privileged: bool, working_dir: text, environment: variables };
/** Compose prints a command of each, also where it is none. */
const hookOf =
  (form: Form): Form =>
  (value, writing) => {
    const is = form(value, writing);
    return isMap(is) ? { command: null, ...is } : is;
  };
const hook = hookOf(table(hookFields));
const preStart = hookOf(table({ ...hookFields, per_replica: bool }));

const watch: Form = (value, writing) => {
  const rule = table({
    path,
    action: text,
    target: text,
    exec: hook,
    include: texts,
    ignore: texts,
    initial_sync: bool,
  })(value, writing) as Values;
  return rule;
};

const rollout = table({
  parallelism: amount,
  delay: duration,
  failure_action: text,
  monitor: duration,
  max_failure_ratio: single,
  order: text,
});

const resources = {
  cpus: single,
  memory: bytes,
  pids: whole,
  devices: list(request),
  generic_resources: list(table({ discrete_resource_spec: table({ kind: text, value: whole }) })),
};

const deploy = table({
  mode: text,
  replicas: whole,
  labels: dict,
  update_config: rollout,
  rollback_config: rollout,
  resources: table({ limits: table(resources), reservations: table(resources) }),
  restart_policy: table({ condition: text, delay: duration, max_attempts: amount, window: duration }),
  placement: table({ constraints: texts, preferences: asIs, max_replicas_per_node: amount }),
  endpoint_mode: text,
});

const rates = list((value, writing) => {
  const { path: device, rate } = value as Values;
  return { Path: device, Rate: bytes(rate, writing) };
});
const weights = list((value, writing) => {
  const { path: device, weight } = value as Values;
  return { Path: device, Weight: bareAmountIn(16)(weight, writing) };
});

const dependencies: Form = (value, writing) =>
  Array.isArray(value)
    ? Object.fromEntries(value.map((name) => [String(name), { condition: 'service_started', required: true }]))
    : named(table({ condition: text, restart: bool, required: bool }))(value, writing);

const envFiles: Form = list((value, writing) => {
  const form = table({ path, required: bool, format: text });
  return form(typeof value === 'string' ? { path: value } : value, writing);
});

const healthcheck = table({
  test: (value, writing) => (typeof value === 'string' ? ['CMD-SHELL', text(value, writing)] : texts(value, writing)),
  timeout: duration,
  interval: duration,
  retries: amount,
  start_period: duration,
  start_interval: duration,
  disable: bool,
});

const network = table({
  aliases: texts,
  driver_opts: options,
  gw_priority: whole,
  interface_name: text,
  ipv4_address: text,
  ipv6_address: text,
  link_local_ips: texts,
  mac_address: text,
  priority: whole,
});

const providerOptions: Form = named((value) => texts(value, nowhere));

export const serviceFields: Readonly<Record<string, Form>> = {
  extends: orText('service', table({ service: text, file: text })),
  profiles: texts,
  annotations: dict,
  attach: bool,
  build,
  develop: table({ watch: list(watch) }),
  blkio_config: table({
    weight: bareAmountIn(16),
    weight_device: weights,
    device_read_bps: rates,
    device_read_iops: rates,
    device_write_bps: rates,
    device_write_iops: rates,
  }),
  cap_add: texts,
  cap_drop: texts,
  cgroup_parent: text,
  cgroup: text,
  cpu_count: from(0, whole),
  cpu_percent: from(0, single, 100),
  cpu_period: whole,
  cpu_quota: whole,
  cpu_rt_period: whole,
  cpu_rt_runtime: whole,
  cpus: single,
  cpuset: text,
  cpu_shares: whole,
  command,
  configs: list(fileMount),
  container_name: text,
  credential_spec: table({ config: text, file: text, registry: text }),
  depends_on: dependencies,
  deploy,
  device_cgroup_rules: texts,
  devices: list(device),
  dns: texts,
  dns_opt: texts,
  dns_search: texts,
  domainname: text,
  entrypoint: command,
  provider: table({ type: text, options: providerOptions }),
  environment: variables,
  env_file: envFiles,
  expose: texts,
  external_links: texts,
  extra_hosts: hosts,
  group_add: texts,
  gpus: (value, writing) => (value === 'all' ? [{ count: -1 }] : list(request)(value, writing)),
  hostname: text,
  healthcheck,
  image: text,
  init: bool,
  ipc: text,
  isolation: text,
  labels: dict,
  label_file: list(path),
  links: texts,
  logging: table({ driver: text, options }),
  mem_limit: bytes,
  mem_reservation: bytes,
  memswap_limit: bytes,
  mem_swappiness: bytes,
  mac_address: text,
  models: namesOr(table({ endpoint_var: text, model_var: text })),
  network_mode: text,
  networks: namesOr(network),
  oom_kill_disable: bool,
  oom_score_adj: from(-1000, whole, 1000),
  pid: text,
  pids_limit: whole,
  platform: text,
  ports: list(port),
  privileged: bool,
  pull_policy: text,
  pull_refresh_after: text,
  read_only: bool,
  restart: text,
  runtime: text,
  scale: whole,
  secrets: list(fileMount),
  security_opt: texts,
  shm_size: bytes,
  stdin_open: bool,
  stop_grace_period: duration,
  stop_signal: text,
  storage_opt: options,
  sysctls: dict,
  tmpfs: texts,
  tty: bool,
  ulimits,
  use_api_socket: bool,
  user: text,
  userns_mode: text,
  uts: text,
  volumes: list(volume),
  volumes_from: texts,
  working_dir: text,
  pre_start: list(preStart),
  post_start: list(hook),
  pre_stop: list(hook),
};
