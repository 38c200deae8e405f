// What may stand where in a Compose file: the keys and types of the JSON Schema of the Compose specification, told shortly.
// A text names types (`string|number`, `string[]`, `string[!]` for a list that has nothing twice, `integer:0:9` for one of these
// numbers, `@name` for a rule of its own, `=a,b` for one of these words, `~…` for what the pattern is found in); a list is either
// of its members; a table is a map of these keys (and `x-…`), `*` standing for any other key, `!` for those that must be there.

export type Shape = string | readonly Shape[] | { readonly [key: string]: Shape };

const flag = 'boolean|string';
const whole = 'integer|string';
const decimal = 'number|string';
const dict = '@dict';
const words = 'string|string[]';
const distinctWords = 'string|string[!]';

const command: Shape = 'null|string|string[]';
const mount: Shape = ['string', { source: 'string', target: 'string', uid: 'string', gid: 'string', mode: decimal }];
const external: Shape = ['boolean|string', { name: 'string' }];
const options: Shape = { '*': 'string|number' };
const hook: Shape = { command, user: 'string', privileged: flag, working_dir: 'string', environment: dict };
const device: Shape = {
  capabilities: 'string[!]',
  count: whole,
  device_ids: 'string[!]',
  driver: 'string',
  options: dict,
};
const rollout: Shape = {
  parallelism: whole,
  delay: 'string',
  failure_action: 'string',
  monitor: 'string',
  max_failure_ratio: decimal,
  order: '=start-first,stop-first',
};
const rate: Shape = { path: 'string', rate: whole };
const list = (each: Shape): Shape => ({ '[]': each });
const distinct = (each: Shape): Shape => ({ '[]': each, '!': 'once' });
const limit = list(rate);

const build: Shape = {
  context: 'string',
  dockerfile: 'string',
  dockerfile_inline: 'string',
  entitlements: 'string[]',
  args: dict,
  ssh: dict,
  labels: dict,
  cache_from: 'string[]',
  cache_to: 'string[]',
  no_cache: flag,
  no_cache_filter: distinctWords,
  additional_contexts: dict,
  network: 'string',
  provenance: flag,
  sbom: flag,
  pull: flag,
  target: 'string',
  shm_size: whole,
  extra_hosts: '@hosts',
  isolation: 'string',
  privileged: flag,
  secrets: list(mount),
  tags: 'string[]',
  ulimits: '@ulimits',
  platforms: 'string[]',
};

const volume: Shape = {
  '!': 'type',
  type: '=bind,volume,tmpfs,cluster,npipe,image',
  source: 'string',
  target: 'string',
  read_only: flag,
  consistency: 'string',
  bind: {
    propagation: 'string',
    create_host_path: flag,
    recursive: '=enabled,disabled,writable,readonly',
    selinux: '=z,Z',
  },
  volume: { labels: dict, nocopy: flag, subpath: 'string' },
  tmpfs: { size: 'integer:0|string', mode: decimal },
  image: { subpath: 'string' },
};

const deploy: Shape = {
  mode: 'string',
  endpoint_mode: 'string',
  replicas: whole,
  labels: dict,
  rollback_config: rollout,
  update_config: rollout,
  resources: {
    limits: { cpus: decimal, memory: 'string', pids: whole },
    reservations: {
      cpus: decimal,
      memory: 'string',
      generic_resources: list({ discrete_resource_spec: { kind: 'string', value: decimal } }),
      devices: list({ '!': 'capabilities', ...device }),
    },
  },
  restart_policy: { condition: 'string', delay: 'string', max_attempts: whole, window: 'string' },
  placement: {
    constraints: 'string[]',
    preferences: list({ spread: 'string' }),
    max_replicas_per_node: whole,
  },
};

const network: Shape = {
  aliases: 'string[]',
  interface_name: 'string',
  ipv4_address: 'string',
  ipv6_address: 'string',
  link_local_ips: 'string[]',
  mac_address: 'string',
  driver_opts: options,
  priority: 'number',
  gw_priority: 'number',
};

const service: Shape = {
  develop: [
    'null',
    {
      watch: list({
        '!': 'path,action',
        ignore: distinctWords,
        include: distinctWords,
        path: 'string',
        action: '=rebuild,sync,restart,sync+restart,sync+exec',
        target: 'string',
        exec: { '!': 'command', ...hook },
        initial_sync: 'boolean',
      }),
    },
  ],
  deploy: ['null', deploy],
  annotations: dict,
  attach: flag,
  build: ['string', build],
  blkio_config: {
    device_read_bps: limit,
    device_read_iops: limit,
    device_write_bps: limit,
    device_write_iops: limit,
    weight: whole,
    weight_device: list({ path: 'string', weight: whole }),
  },
  cap_add: 'string[]',
  cap_drop: 'string[]',
  cgroup: '=host,private',
  cgroup_parent: 'string',
  command,
  configs: list(mount),
  container_name: '~[a-zA-Z0-9][a-zA-Z0-9_.-]+',
  cpu_count: 'string|integer:0',
  cpu_percent: 'string|integer:0:100',
  cpu_shares: decimal,
  cpu_quota: decimal,
  cpu_period: decimal,
  cpu_rt_period: decimal,
  cpu_rt_runtime: decimal,
  cpus: decimal,
  cpuset: 'string',
  credential_spec: { config: 'string', file: 'string', registry: 'string' },
  depends_on: [
    'string[!]',
    {
      '*': {
        '!': 'condition',
        restart: flag,
        required: flag,
        condition: '=service_started,service_healthy,service_completed_successfully',
      },
    },
  ],
  device_cgroup_rules: 'string[!]',
  devices: list(['string', { '!': 'source', source: 'string', target: 'string', permissions: 'string' }]),
  dns: words,
  dns_opt: 'string[]',
  dns_search: words,
  domainname: 'string',
  entrypoint: command,
  env_file: ['string', list(['string', { '!': 'path', path: 'string', format: 'string', required: flag }])],
  label_file: 'string|string[]',
  environment: dict,
  expose: list('string|number'),
  extends: ['string', { '!': 'service', service: 'string', file: 'string' }],
  provider: { '!': 'type', type: 'string', options: { '*': ['string|number|boolean', list('string|number|boolean')] } },
  external_links: 'string[!]',
  extra_hosts: '@hosts',
  gpus: ['=all', list(device)],
  group_add: distinct('string|number'),
  healthcheck: {
    disable: flag,
    interval: 'string',
    retries: decimal,
    test: words,
    timeout: 'string',
    start_period: 'string',
    start_interval: 'string',
  },
  hostname: 'string',
  image: 'string',
  init: flag,
  ipc: 'string',
  isolation: 'string',
  labels: dict,
  links: 'string[]',
  logging: { driver: 'string', options: { '*': 'string|number|null' } },
  mac_address: 'string',
  mem_limit: decimal,
  mem_reservation: whole,
  mem_swappiness: whole,
  memswap_limit: decimal,
  network_mode: 'string',
  models: ['string[!]', { '*': ['null', { endpoint_var: 'string', model_var: 'string' }] }],
  networks: ['string[!]', { '*': ['null', network] }],
  oom_kill_disable: flag,
  oom_score_adj: 'string|integer:-1000:1000',
  pid: 'string|null',
  pids_limit: decimal,
  platform: 'string',
  ports: list([
    'number|string',
    {
      name: 'string',
      mode: 'string',
      host_ip: 'string',
      target: whole,
      published: whole,
      protocol: 'string',
      app_protocol: 'string',
    },
  ]),
  pre_start: list({ ...hook, image: 'string', per_replica: flag }),
  post_start: list({ '!': 'command', ...hook }),
  pre_stop: list({ '!': 'command', ...hook }),
  privileged: flag,
  profiles: 'string[]',
  pull_policy: '~always|never|build|if_not_present|missing|refresh|daily|weekly|every_([0-9]+[wdhms])+',
  pull_refresh_after: 'string',
  read_only: flag,
  restart: 'string',
  runtime: 'string',
  scale: whole,
  security_opt: 'string[!]',
  shm_size: decimal,
  secrets: list(mount),
  sysctls: dict,
  stdin_open: flag,
  stop_grace_period: 'string',
  stop_signal: 'string',
  storage_opt: 'object',
  tmpfs: words,
  tty: flag,
  ulimits: '@ulimits',
  use_api_socket: 'boolean',
  user: 'string',
  uts: 'string',
  userns_mode: 'string',
  volumes: list(['string', volume]),
  volumes_from: 'string[!]',
  working_dir: 'string',
};

export const rules: Readonly<Record<string, Shape>> = {
  dict: [{ '*': 'string|number|boolean|null' }, 'string[]'],
  hosts: [{ '*': 'string|string[]' }, 'string[!]'],
  ulimits: { '*': [whole, { '!': 'soft,hard', hard: whole, soft: whole }] },
};

export const grammar: Shape = {
  version: 'string',
  name: 'string',
  include: list(['string', { path: distinctWords, env_file: distinctWords, project_directory: 'string' }]),
  services: { '*': service },
  models: {
    '*': { '!': 'model', name: 'string', model: 'string', context_size: 'integer', runtime_flags: 'string[]' },
  },
  networks: {
    '*': [
      'null',
      {
        name: 'string',
        driver: 'string',
        driver_opts: options,
        ipam: {
          driver: 'string',
          config: list({
            subnet: 'string',
            ip_range: 'string',
            gateway: 'string',
            aux_addresses: { '*': 'string' },
          }),
          options: { '*': 'string' },
        },
        external,
        internal: flag,
        enable_ipv4: flag,
        enable_ipv6: flag,
        attachable: flag,
        labels: dict,
      },
    ],
  },
  volumes: { '*': ['null', { name: 'string', driver: 'string', driver_opts: options, external, labels: dict }] },
  secrets: {
    '*': {
      name: 'string',
      environment: 'string',
      file: 'string',
      external,
      labels: dict,
      driver: 'string',
      driver_opts: options,
      template_driver: 'string',
    },
  },
  configs: {
    '*': {
      name: 'string',
      content: 'string',
      environment: 'string',
      file: 'string',
      external,
      labels: dict,
      template_driver: 'string',
    },
  },
};
