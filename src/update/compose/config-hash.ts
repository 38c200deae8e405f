// The hash by which Compose tells whether a container is as its service is configured: SHA-256 over the JSON that Go makes of
// the service, less what says how its image comes about, how many there are and what they wait for. Containers made by
// `docker compose` and by sluice are taken over by each other because both write the same one.
import { createHash } from 'node:crypto';
import type { ComposeNetwork, ComposeService, ComposeVolume } from '../../model/compose.ts';
import { lookup } from '../../model/text/lookup.ts';

/** The label `com.docker.compose.config-hash`, as `docker compose config --hash` prints it. */
export function configHash(service: ComposeService): string {
  const { build: _, pull_policy: __, scale: ___, depends_on: ____, profiles: _____, ...rest } = service;
  const { replicas: ______, ...deploy } = rest.deploy ?? {};
  const hashed = rest.deploy ? { ...rest, deploy } : rest;
  const whole = { ...hashed, command: service.command ?? null, entrypoint: service.entrypoint ?? null };
  return hashOf(whole, 'service');
}

/** The same of a network. */
export const networkHash = (network: ComposeNetwork): string =>
  hashOf({ ...network, ipam: network.ipam ?? {} }, 'project network');

/** And of a volume, whose driver is `local` where none is named. */
export const volumeHash = (volume: ComposeVolume): string =>
  hashOf({ ...volume, driver: volume.driver ?? 'local' }, 'project volume');

const hashOf = (value: object, struct: string): string =>
  createHash('sha256').update(asGo(value, struct)).digest('hex');

/** Go's encoder keeps these out of HTML, and the two line ends out of scripts. */
const scalar = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** Fields stand in the order of their struct; the keys of what is no struct (labels, networks, …) are sorted, digits too. */
function asGo(value: unknown, struct: string | undefined): string {
  if (Array.isArray(value)) return `[${value.map((item) => asGo(item, struct)).join()}]`;
  if (typeof value !== 'object' || value === null) return scalar(value);
  const fields = struct === undefined ? [] : (lookup(structs, struct) ?? []);
  const place = (key: string): number => {
    const at = fields.indexOf(key);
    return at < 0 ? fields.length : at;
  };
  const named = struct?.startsWith(each) ? struct.slice(each.length) : undefined;
  const entries = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([a], [b]) => place(a) - place(b) || (a < b ? -1 : 1));
  return `{${entries.map(([key, field]) => `${scalar(key)}:${asGo(field, named ?? lookup(nested, `${struct}.${key}`))}`).join()}}`;
}

const each = 'each ';

const device = 'capabilities driver count device_ids options';
const hook = 'command user privileged working_dir environment';
const file = 'source target uid gid mode';
const throttle = 'Path Rate';

/** By struct: its fields, in their order. */
const structs: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  Object.entries({
    service:
      'profiles annotations attach build develop blkio_config cap_add cap_drop cgroup_parent cgroup cpu_count cpu_percent cpu_period cpu_quota cpu_rt_period cpu_rt_runtime cpus cpuset cpu_shares command configs container_name credential_spec depends_on deploy device_cgroup_rules devices dns dns_opt dns_search dockerfile domainname entrypoint provider environment env_file expose extends external_links extra_hosts group_add gpus hostname healthcheck image init ipc isolation labels label_file links logging log_driver log_opt mem_limit mem_reservation memswap_limit mem_swappiness mac_address models net network_mode networks oom_kill_disable oom_score_adj pid pids_limit platform ports privileged pull_policy read_only restart runtime scale secrets security_opt shm_size stdin_open stop_grace_period stop_signal storage_opt sysctls tmpfs tty ulimits use_api_socket user userns_mode uts volume_driver volumes volumes_from working_dir post_start pre_stop',
    develop: 'watch',
    watch: 'path action target exec include ignore initial_sync',
    blkio: 'weight weight_device device_read_bps device_read_iops device_write_bps device_write_iops',
    weight: 'Path Weight',
    throttle,
    file,
    deploy: 'mode replicas labels update_config rollback_config resources restart_policy placement endpoint_mode',
    update: 'parallelism delay failure_action monitor max_failure_ratio order',
    resources: 'limits reservations',
    resource: 'cpus memory pids devices generic_resources',
    policy: 'condition delay max_attempts window',
    placement: 'constraints preferences max_replicas_per_node',
    device,
    mapping: 'source target permissions',
    credential: 'config file registry',
    provider: 'type options',
    health: 'test timeout interval retries start_period start_interval disable',
    logging: 'driver options',
    network:
      'aliases driver_opts gw_priority interface_name ipv4_address ipv6_address link_local_ips mac_address priority',
    port: 'name mode host_ip target published protocol app_protocol',
    ulimit: 'single soft hard',
    mount: 'type source target read_only consistency bind volume tmpfs image',
    bind: 'selinux propagation create_host_path recursive',
    volume: 'labels nocopy subpath',
    tmpfs: 'size mode',
    hook,
    'project network': 'name driver driver_opts ipam external internal attachable labels enable_ipv4 enable_ipv6',
    ipam: 'driver config',
    pool: 'subnet gateway ip_range aux_addresses',
    'project volume': 'name driver driver_opts external labels',
  }).map(([name, fields]) => [name, fields.split(' ')]),
);

/** Which struct stands in a field, or in each item of its list; `each`: under each key of its map. */
const nested: Readonly<Record<string, string>> = {
  'service.develop': 'develop',
  'develop.watch': 'watch',
  'watch.exec': 'hook',
  'service.blkio_config': 'blkio',
  'blkio.weight_device': 'weight',
  'blkio.device_read_bps': 'throttle',
  'blkio.device_read_iops': 'throttle',
  'blkio.device_write_bps': 'throttle',
  'blkio.device_write_iops': 'throttle',
  'service.configs': 'file',
  'service.secrets': 'file',
  'service.credential_spec': 'credential',
  'service.deploy': 'deploy',
  'deploy.update_config': 'update',
  'deploy.rollback_config': 'update',
  'deploy.resources': 'resources',
  'deploy.restart_policy': 'policy',
  'deploy.placement': 'placement',
  'resources.limits': 'resource',
  'resources.reservations': 'resource',
  'resource.devices': 'device',
  'service.devices': 'mapping',
  'service.gpus': 'device',
  'service.provider': 'provider',
  'service.healthcheck': 'health',
  'service.logging': 'logging',
  'service.networks': 'each network',
  'service.ulimits': 'each ulimit',
  'service.ports': 'port',
  'service.volumes': 'mount',
  'mount.bind': 'bind',
  'mount.volume': 'volume',
  'mount.tmpfs': 'tmpfs',
  'service.post_start': 'hook',
  'service.pre_stop': 'hook',
  'project network.ipam': 'ipam',
  'ipam.config': 'pool',
};
