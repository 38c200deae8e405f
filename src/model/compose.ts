// A Compose project as `docker compose config --format json` prints it (compose-go's canonical form): durations are Go's
// (`1m30s`), sizes are bytes in decimal digits, what is not said is not there. Keys stand in the order that Compose hashes.

type Texts = Readonly<Record<string, string>>;
type Size = string | number;

export interface ComposeProject {
  readonly name: string;
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly networks?: Readonly<Record<string, ComposeNetwork>>;
  readonly volumes?: Readonly<Record<string, ComposeVolume>>;
  readonly secrets?: Readonly<Record<string, ComposeSecret>>;
  readonly configs?: Readonly<Record<string, ComposeConfig>>;
}

export interface ComposeService {
  readonly profiles?: readonly string[];
  readonly annotations?: Texts;
  readonly attach?: boolean;
  readonly build?: ComposeBuild;
  readonly develop?: { readonly watch?: readonly ComposeWatch[] };
  readonly blkio_config?: Readonly<Record<string, unknown>>;
  readonly cap_add?: readonly string[];
  readonly cap_drop?: readonly string[];
  readonly cgroup_parent?: string;
  readonly cgroup?: string;
  readonly cpu_count?: number;
  readonly cpu_percent?: number;
  readonly cpu_period?: Size;
  readonly cpu_quota?: Size;
  readonly cpu_rt_period?: Size;
  readonly cpu_rt_runtime?: Size;
  readonly cpus?: number;
  readonly cpuset?: string;
  readonly cpu_shares?: Size;
  readonly command: readonly string[] | null;
  readonly configs?: readonly ComposeFileReference[];
  readonly container_name?: string;
  readonly credential_spec?: { readonly config?: string; readonly file?: string; readonly registry?: string };
  readonly depends_on?: Readonly<Record<string, ComposeDependency>>;
  readonly deploy?: ComposeDeploy;
  readonly device_cgroup_rules?: readonly string[];
  readonly devices?: readonly { readonly source?: string; readonly target?: string; readonly permissions?: string }[];
  readonly dns?: readonly string[];
  readonly dns_opt?: readonly string[];
  readonly dns_search?: readonly string[];
  readonly domainname?: string;
  readonly entrypoint: readonly string[] | null;
  readonly provider?: Readonly<Record<string, unknown>>;
  readonly environment?: Readonly<Record<string, string | null>>;
  readonly env_file?: readonly Readonly<Record<string, unknown>>[];
  readonly expose?: readonly string[];
  readonly external_links?: readonly string[];
  readonly extra_hosts?: readonly string[];
  readonly group_add?: readonly string[];
  readonly gpus?: readonly ComposeDeviceRequest[];
  readonly hostname?: string;
  readonly healthcheck?: ComposeHealthcheck;
  readonly image?: string;
  readonly init?: boolean;
  readonly ipc?: string;
  readonly isolation?: string;
  readonly labels?: Texts;
  readonly label_file?: readonly string[];
  readonly links?: readonly string[];
  readonly logging?: { readonly driver?: string; readonly options?: Texts };
  readonly mem_limit?: Size;
  readonly mem_reservation?: Size;
  readonly memswap_limit?: Size;
  readonly mem_swappiness?: Size;
  readonly mac_address?: string;
  readonly models?: Readonly<Record<string, unknown>>;
  readonly network_mode?: string;
  readonly networks?: Readonly<Record<string, ComposeServiceNetwork | null>>;
  readonly oom_kill_disable?: boolean;
  readonly oom_score_adj?: number;
  readonly pid?: string;
  readonly pids_limit?: number;
  readonly platform?: string;
  readonly ports?: readonly ComposePort[];
  readonly privileged?: boolean;
  readonly pull_policy?: string;
  readonly read_only?: boolean;
  readonly restart?: string;
  readonly runtime?: string;
  readonly scale?: number;
  readonly secrets?: readonly ComposeFileReference[];
  readonly security_opt?: readonly string[];
  readonly shm_size?: Size;
  readonly stdin_open?: boolean;
  readonly stop_grace_period?: string;
  readonly stop_signal?: string;
  readonly storage_opt?: Texts;
  readonly sysctls?: Texts;
  readonly tmpfs?: readonly string[];
  readonly tty?: boolean;
  readonly ulimits?: Readonly<Record<string, number | { readonly soft?: number; readonly hard?: number }>>;
  readonly use_api_socket?: boolean;
  readonly user?: string;
  readonly userns_mode?: string;
  readonly uts?: string;
  readonly volumes?: readonly ComposeMount[];
  readonly volumes_from?: readonly string[];
  readonly working_dir?: string;
  readonly post_start?: readonly ComposeHook[];
  readonly pre_stop?: readonly ComposeHook[];
}

export interface ComposeBuild {
  readonly context?: string;
  readonly dockerfile?: string;
  readonly dockerfile_inline?: string;
  readonly entitlements?: readonly string[];
  readonly args?: Readonly<Record<string, string | null>>;
  readonly ssh?: unknown;
  readonly labels?: Texts;
  readonly cache_from?: readonly string[];
  readonly cache_to?: readonly string[];
  readonly no_cache?: boolean;
  readonly no_cache_filter?: readonly string[];
  readonly additional_contexts?: Texts;
  readonly pull?: boolean;
  readonly extra_hosts?: readonly string[];
  readonly isolation?: string;
  readonly network?: string;
  readonly target?: string;
  readonly secrets?: readonly ComposeFileReference[];
  readonly shm_size?: Size;
  readonly tags?: readonly string[];
  readonly ulimits?: ComposeService['ulimits'];
  readonly platforms?: readonly string[];
  readonly privileged?: boolean;
  readonly provenance?: string;
  readonly sbom?: string;
}

export interface ComposeWatch {
  readonly path: string;
  readonly action: 'sync' | 'rebuild' | 'restart' | 'sync+restart' | 'sync+exec';
  readonly target?: string;
  readonly exec?: ComposeHook;
  readonly include?: readonly string[];
  readonly ignore?: readonly string[];
  readonly initial_sync?: boolean;
}

export interface ComposeDependency {
  readonly condition: 'service_started' | 'service_healthy' | 'service_completed_successfully';
  readonly restart?: boolean;
  readonly required: boolean;
}

export interface ComposeDeploy {
  readonly mode?: string;
  readonly replicas?: number;
  readonly labels?: Texts;
  readonly update_config?: unknown;
  readonly rollback_config?: unknown;
  readonly resources?: { readonly limits?: ComposeResource; readonly reservations?: ComposeResource };
  readonly restart_policy?: {
    readonly condition?: string;
    readonly delay?: string;
    readonly max_attempts?: number;
    readonly window?: string;
  };
  readonly placement?: unknown;
  readonly endpoint_mode?: string;
}

export interface ComposeResource {
  readonly cpus?: number | string;
  readonly memory?: Size;
  readonly pids?: number;
  readonly devices?: readonly ComposeDeviceRequest[];
  readonly generic_resources?: unknown;
}

export interface ComposeDeviceRequest {
  readonly capabilities?: readonly string[];
  readonly driver?: string;
  readonly count?: number | string;
  readonly device_ids?: readonly string[];
  readonly options?: Texts;
}

export interface ComposeHealthcheck {
  readonly test?: readonly string[];
  readonly timeout?: string;
  readonly interval?: string;
  readonly retries?: number;
  readonly start_period?: string;
  readonly start_interval?: string;
  readonly disable?: boolean;
}

export interface ComposeServiceNetwork {
  readonly aliases?: readonly string[];
  readonly driver_opts?: Texts;
  readonly gw_priority?: number;
  readonly interface_name?: string;
  readonly ipv4_address?: string;
  readonly ipv6_address?: string;
  readonly link_local_ips?: readonly string[];
  readonly mac_address?: string;
  readonly priority?: number;
}

export interface ComposePort {
  readonly name?: string;
  readonly mode?: string;
  readonly host_ip?: string;
  readonly target: number;
  readonly published?: string;
  readonly protocol?: string;
  readonly app_protocol?: string;
}

export interface ComposeMount {
  readonly type: string;
  readonly source?: string;
  readonly target: string;
  readonly read_only?: boolean;
  readonly consistency?: string;
  readonly bind?: {
    readonly selinux?: string;
    readonly propagation?: string;
    /** Left out where it is true. */
    readonly create_host_path?: boolean;
    readonly recursive?: string;
  };
  readonly volume?: { readonly labels?: Texts; readonly nocopy?: boolean; readonly subpath?: string };
  readonly tmpfs?: { readonly size?: Size; readonly mode?: number };
  readonly image?: { readonly subpath?: string };
}

export interface ComposeFileReference {
  readonly source: string;
  readonly target?: string;
  readonly uid?: string;
  readonly gid?: string;
  /** Octal digits. */
  readonly mode?: string;
}

export interface ComposeHook {
  readonly command?: readonly string[];
  readonly user?: string;
  readonly privileged?: boolean;
  readonly working_dir?: string;
  readonly environment?: Readonly<Record<string, string | null>>;
}

export interface ComposeNetwork {
  readonly name?: string;
  readonly driver?: string;
  readonly driver_opts?: Texts;
  readonly ipam?: {
    readonly driver?: string;
    readonly config?: readonly {
      readonly subnet?: string;
      readonly gateway?: string;
      readonly ip_range?: string;
      readonly aux_addresses?: Texts;
    }[];
  };
  readonly external?: boolean;
  readonly internal?: boolean;
  readonly attachable?: boolean;
  readonly labels?: Texts;
  readonly enable_ipv4?: boolean;
  readonly enable_ipv6?: boolean;
}

export interface ComposeVolume {
  readonly name?: string;
  readonly driver?: string;
  readonly driver_opts?: Texts;
  readonly external?: boolean;
  readonly labels?: Texts;
}

export interface ComposeSecret {
  readonly name?: string;
  readonly file?: string;
  readonly environment?: string;
  readonly content?: string;
  readonly external?: boolean;
  readonly labels?: Texts;
  readonly driver?: string;
  readonly driver_opts?: Texts;
  readonly template_driver?: string;
}

export type ComposeConfig = ComposeSecret;
