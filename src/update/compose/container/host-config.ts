// What of a service is about the machine that runs it: resources, mounts, ports, rights.
import type { ComposeDeviceRequest, ComposeService } from '../../../model/compose.ts';
import type { EngineRequest } from '../../../model/ports/containers.ts';
import { capabilities } from './capabilities.ts';
import { mountsOf } from './mounts.ts';
import type { Recipe } from './recipe.ts';
import { sharedMode, volumesFrom } from './shared-containers.ts';
import { numberOf, said } from './units.ts';

/** `idOf`: the container of another service, for what is shared with it. */
export function hostConfig({ spec, before }: Recipe, idOf: (service: string) => string): EngineRequest {
  const { config } = spec;
  const { binds, mounts } = mountsOf(spec, before);
  return said({
    Binds: binds,
    Mounts: mounts,
    PortBindings: portBindings(config),
    RestartPolicy: restartPolicy(config),
    LogConfig: config.logging ? { Type: config.logging.driver ?? '', Config: config.logging.options ?? {} } : undefined,
    Annotations: config.annotations,
    CapAdd: capabilities(config.cap_add),
    CapDrop: capabilities(config.cap_drop),
    CgroupnsMode: config.cgroup,
    Dns: config.dns,
    DnsOptions: config.dns_opt,
    DnsSearch: config.dns_search,
    ExtraHosts: config.extra_hosts?.map(hostEntry),
    GroupAdd: config.group_add,
    IpcMode: sharedMode(config.ipc, idOf),
    PidMode: sharedMode(config.pid, idOf),
    UTSMode: config.uts,
    UsernsMode: config.userns_mode,
    Init: config.init,
    Isolation: config.isolation,
    OomScoreAdj: config.oom_score_adj,
    Privileged: config.privileged,
    ReadonlyRootfs: config.read_only,
    Runtime: config.runtime,
    SecurityOpt: config.security_opt,
    ShmSize: numberOf(config.shm_size),
    StorageOpt: config.storage_opt,
    Sysctls: config.sysctls,
    Tmpfs: tmpfs(config),
    VolumesFrom: config.volumes_from?.map((from) => volumesFrom(from, idOf)),
    ...resources(config),
  });
}

/** `host=address` in Compose's form, `host:address` in Docker's. */
const hostEntry = (entry: string): string => entry.replace('=', ':');

const tmpfs = ({ tmpfs: all }: ComposeService): Readonly<Record<string, string>> | undefined =>
  all && Object.fromEntries(all.map((entry) => splitOnce(entry, ':')));

const splitOnce = (text: string, sign: string): readonly [string, string] => {
  const at = text.indexOf(sign);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
};

function portBindings({ ports = [] }: ComposeService): Readonly<Record<string, readonly object[]>> {
  const bindings: Record<string, object[]> = {};
  for (const { target, protocol = 'tcp', host_ip: hostIp = '', published = '' } of ports) {
    const key = `${target}/${protocol}`;
    bindings[key] = [...(bindings[key] ?? []), { HostIp: hostIp, HostPort: published }];
  }
  return bindings;
}

/** `restart:` says it, else `deploy.restart_policy`, whose `any` is `always`. */
function restartPolicy({ restart, deploy }: ComposeService): EngineRequest | undefined {
  if (restart) {
    const [name, most] = splitOnce(restart, ':');
    return { Name: name, MaximumRetryCount: Number(most || 0) };
  }
  const policy = deploy?.restart_policy;
  if (!policy) return undefined;
  const { condition = 'any' } = policy;
  const name = condition === 'none' ? 'no' : condition === 'on-failure' ? 'on-failure' : 'always';
  return { Name: name, MaximumRetryCount: name === 'on-failure' ? (policy.max_attempts ?? 0) : 0 };
}

function resources(config: ComposeService): EngineRequest {
  const { limits, reservations } = config.deploy?.resources ?? {};
  const cpus = numberOf(limits?.cpus) ?? config.cpus;
  return {
    Memory: numberOf(limits?.memory ?? config.mem_limit),
    MemoryReservation: numberOf(reservations?.memory ?? config.mem_reservation),
    MemorySwap: numberOf(config.memswap_limit),
    MemorySwappiness: numberOf(config.mem_swappiness),
    OomKillDisable: config.oom_kill_disable,
    NanoCpus: cpus === undefined ? undefined : Math.round(cpus * 1e9),
    CpuCount: config.cpu_count,
    CpuPercent: config.cpu_percent === undefined ? undefined : Math.round(config.cpu_percent * 100),
    CpuPeriod: numberOf(config.cpu_period),
    CpuQuota: numberOf(config.cpu_quota),
    CpuRealtimePeriod: numberOf(config.cpu_rt_period),
    CpuRealtimeRuntime: numberOf(config.cpu_rt_runtime),
    CpuShares: numberOf(config.cpu_shares),
    CpusetCpus: config.cpuset,
    CgroupParent: config.cgroup_parent,
    PidsLimit: limits?.pids ?? config.pids_limit,
    Ulimits: ulimits(config),
    Devices: config.devices?.map(({ source = '', target, permissions = 'rwm' }) => ({
      PathOnHost: source,
      PathInContainer: target ?? source,
      CgroupPermissions: permissions,
    })),
    DeviceCgroupRules: config.device_cgroup_rules,
    DeviceRequests: deviceRequests(config),
    ...blockIo(config),
  };
}

const ulimits = ({ ulimits: all }: ComposeService): readonly EngineRequest[] | undefined =>
  all &&
  Object.entries(all).map(([name, limit]) =>
    typeof limit === 'number'
      ? { Name: name, Soft: limit, Hard: limit }
      : { Name: name, Soft: limit.soft ?? 0, Hard: limit.hard ?? 0 },
  );

function deviceRequests({ gpus = [], deploy }: ComposeService): readonly EngineRequest[] | undefined {
  const reserved = deploy?.resources?.reservations?.devices ?? [];
  const all = [...reserved.map((each) => deviceRequest(each, [])), ...gpus.map((each) => deviceRequest(each, ['gpu']))];
  return all.length > 0 ? all : undefined;
}

const deviceRequest = (
  { capabilities = [], driver, count, device_ids: ids, options }: ComposeDeviceRequest,
  also: readonly string[],
): EngineRequest =>
  said({
    Driver: driver,
    Count: ids ? undefined : count === undefined || count === 'all' ? -1 : Number(count),
    DeviceIDs: ids,
    Capabilities: [[...new Set([...capabilities, ...also])]],
    Options: options,
  });

/** Devices there are `{Path, Rate}` in Compose's own form too. */
function blockIo({ blkio_config: config }: ComposeService): EngineRequest {
  if (!config) return {};
  const rates = (key: string) =>
    (config[key] as readonly { Path: string; Rate: string | number }[] | undefined)?.map(({ Path, Rate }) => ({
      Path,
      Rate: Number(Rate),
    }));
  return {
    BlkioWeight: config.weight,
    BlkioWeightDevice: config.weight_device,
    BlkioDeviceReadBps: rates('device_read_bps'),
    BlkioDeviceReadIOps: rates('device_read_iops'),
    BlkioDeviceWriteBps: rates('device_write_bps'),
    BlkioDeviceWriteIOps: rates('device_write_iops'),
  };
}
