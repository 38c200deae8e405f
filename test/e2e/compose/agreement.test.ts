// A project that uses what the specification has, made by `docker compose` and by sluice: each takes over what the other made,
// container by container they are the same, and what is edited makes anew the same in both.
import { randomInt } from 'node:crypto';
import { expect, it } from 'vitest';
import { docker } from '../../support/capability.ts';
import { compose, composeBinary } from '../../support/docker/compose.ts';
import { busyboxImage } from '../../support/docker/images.ts';
import { drive } from '../../support/drive.ts';
import { sluice } from '../../support/sluice.ts';
import { type ComposeProject, composeProject } from './project.ts';

const file = (image: string, subnet: number) => `
x-base: &base { image: "${image}", command: [sleep, "1000"], stop_grace_period: 0s }
networks:
  front: { labels: { side: front } }
  back:
    internal: true
    ipam: { config: [{ subnet: 10.217.${subnet}.0/24, gateway: 10.217.${subnet}.1, ip_range: 10.217.${subnet}.128/25 }] }
volumes:
  named: { labels: { "10": ten, "9": nine } }
  small: { driver: local, driver_opts: { type: tmpfs, device: tmpfs, o: size=1m } }
secrets: { filed: { file: ./secret }, told: { environment: TOLD } }
configs: { filed: { file: ./config }, written: { content: "written for \${TOLD}\\n" }, told: { environment: TOLD } }
services:
  nets:
    <<: *base
    hostname: host
    domainname: example.test
    mac_address: 02:42:ac:11:00:99
    networks: { front: { aliases: [one, two], priority: 10 }, back: { ipv4_address: 10.217.${subnet}.200, aliases: [three] } }
    extra_hosts: ["h1=10.0.0.1", "h2:host-gateway", "h6=::1"]
    dns: [1.1.1.1, 8.8.8.8]
    dns_opt: ["ndots:2"]
    dns_search: [example.test]
    ports: ["127.0.0.1::80", 53/udp]
    expose: ["3000", 4000-4002, 5000-5001/udp]
    sysctls: { net.core.somaxconn: 1024 }
  vols:
    <<: *base
    volumes:
      - named:/named
      - small:/small:ro
      - ./data:/data:ro
      - ./made:/made
      - /anonymous
      - { type: tmpfs, target: /memory, tmpfs: { size: 64k, mode: 0o1777 } }
      - { type: volume, target: /copyless, volume: { nocopy: true } }
      - { type: volume, source: named, target: /again, read_only: true, volume: { nocopy: true } }
      - { type: bind, source: ./data, target: /slave, bind: { create_host_path: false, propagation: rslave } }
      - { type: bind, source: ./data, target: /shallow, bind: { recursive: disabled } }
    tmpfs: [/t1, "/t2:size=64k,mode=1777"]
    read_only: true
    shm_size: 128m
    secrets: [filed, { source: filed, target: other }, { source: filed, target: /abs/secret }]
    configs: [filed, { source: filed, target: /etc/filed }]
  given:
    <<: *base
    secrets: [told, { source: told, target: theirs, uid: "5", gid: "6", mode: 0400 }]
    configs: [written, { source: told, target: /etc/told }]
  proc:
    <<: *base
    init: true
    user: "1000:1000"
    group_add: ["44"]
    cap_add: [sys_ptrace, NET_ADMIN]
    cap_drop: [MKNOD, NET_ADMIN]
    ulimits: { nproc: 65535, nofile: { soft: 512, hard: 1024 } }
    devices: ["/dev/null:/dev/xnull", "/dev/zero:/dev/xzero:r"]
    device_cgroup_rules: ["c 1:3 mr"]
    logging: { driver: json-file, options: { max-size: 10m, tag: x } }
    stop_signal: SIGINT
    labels: { one: "1", two.x: "a <b> & c", empty: "", "10": ten, "9": nine }
    annotations: { note: "no" }
    pid: host
    ipc: shareable
    security_opt: ["no-new-privileges:true"]
    mem_limit: 64m
    mem_reservation: 32m
    memswap_limit: 128m
    cpus: 0.5
    cpu_shares: 512
    pids_limit: 50
    oom_score_adj: 100
    env_file: [proc.env]
    environment: { A: "1", B: , TOLD: , Z: "x y" }
    working_dir: /tmp
    tty: true
    stdin_open: true
    restart: on-failure:3
    uts: host
    cgroup: private
  health:
    <<: *base
    healthcheck: { test: "true", interval: 1s, timeout: 2s, retries: 3, start_period: 1s, start_interval: 500ms }
  silent: { <<: *base, healthcheck: { disable: true } }
  replicas:
    <<: *base
    deploy:
      replicas: 2
      resources: { limits: { cpus: "0.5", memory: 50M, pids: 30 }, reservations: { memory: 20M } }
      restart_policy: { condition: on-failure, max_attempts: 2 }
    depends_on:
      health: { condition: service_healthy, restart: true }
      silent: { condition: service_started }
      absent: { condition: service_started, required: false }
      job: { condition: service_completed_successfully }
  job: { <<: *base, command: ["true"] }
  absent: { <<: *base, profiles: [never] }
  simple: { <<: *base, volumes: ["named:/named", "./data:/data"] }
  sharer: { <<: *base, network_mode: "service:nets", pid: "service:health", ipc: "service:proc", volumes_from: [simple] }
  hooked:
    <<: *base
    post_start: [{ command: [sh, -c, "echo $$X > /tmp/hooked"], environment: [X=1] }]
    pre_stop: [{ command: [sh, -c, "echo ending"] }]
    links: ["health:h", simple]
  hostnet: { <<: *base, network_mode: host }
  nonet: { <<: *base, network_mode: none }
  script: { <<: *base, command: sh -c "echo $$HOME; sleep 1000", entrypoint: "", restart: "no" }
`;

const files = (image: string) => ({
  'compose.yaml': file(image, randomInt(254)),
  'proc.env': 'FROM_FILE="1 # 2"\n',
  secret: 'hush\n',
  config: 'set\n',
  'data/x': 'x\n',
});

/** What two containers of one configuration may differ in: ids, times, addresses and ports that the daemon gives. */
function comparable({ Config, HostConfig, NetworkSettings, Mounts }: ReturnType<ComposeProject['inspected']>[string]) {
  const { 'com.docker.compose.version': _, 'com.docker.compose.depends_on': needs, ...labels } = Config.Labels;
  const sorted = (all: unknown[] | null) => (all ?? []).map((each) => JSON.stringify(each)).sort();
  const whole = {
    ...Config,
    Labels: { ...labels, needs: needs.split(',').sort() },
    Env: sorted(Config.Env),
    host: {
      ...HostConfig,
      Binds: sorted(HostConfig.Binds),
      Mounts: sorted(HostConfig.Mounts?.map(({ BindOptions: __, ...mount }: { BindOptions: unknown }) => mount)),
      Ulimits: sorted(HostConfig.Ulimits),
      ExtraHosts: sorted(HostConfig.ExtraHosts),
    },
    networks: Object.entries(NetworkSettings.Networks as Record<string, Record<string, unknown>>).map(
      ([name, { Aliases, Links, IPAMConfig }]) => [name, Aliases, sorted(Links as unknown[]), IPAMConfig ?? {}],
    ),
    mac: NetworkSettings.Networks.front?.MacAddress,
    mounts: sorted(Mounts.map((mount: { Destination: string; RW: boolean; Type: string }) => mount.Destination)),
  };
  // A container that shares another's is hashed with its id.
  const { Labels } = whole;
  if (/container:/.test(HostConfig.NetworkMode)) Labels['com.docker.compose.config-hash'] = 'with ids';
  return JSON.parse(JSON.stringify(whole).replace(/\b[0-9a-f]{64}\b|\b[0-9a-f]{12}\b/g, 'ID'));
}

const differing = (a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): string[] =>
  [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((name) => a[name] !== b[name]).sort();

it.skipIf(!docker || !composeBinary)(
  'docker compose and sluice agree on a project that uses the whole specification',
  async () => {
    const shop = composeProject(files(await busyboxImage()), { TOLD: 'told' });
    const { dir, env } = shop;
    await compose(dir, ['up', '-d'], env);
    const [theirs, byCompose] = [shop.ids(), shop.inspected()];
    expect(await sluice(dir, ['up', '--once', '--plain'], { env })).toMatchObject({ code: 0 });
    expect(differing(theirs, shop.ids())).toEqual([]);
    await compose(dir, ['down', '-v', '-t', '0'], env);
    expect(shop.left()).toEqual({ containers: [], networks: [], volumes: [] });

    const session = drive(dir, [], { env });
    await session.idle();
    const made = shop.ids();
    const bySluice = shop.inspected();
    expect(Object.keys(bySluice).sort()).toEqual(Object.keys(byCompose).sort());
    for (const [name, container] of Object.entries(bySluice))
      expect({ name, ...comparable(container) }).toEqual({ name, ...comparable(byCompose[name]) });
    await compose(dir, ['up', '-d'], env);
    expect(differing(made, shop.ids())).toEqual([]);
    expect(await compose(dir, ['exec', '-T', 'given', 'cat', '/written', '/run/secrets/theirs'], env)).toBe(
      'written for told\ntold',
    );
    expect(await compose(dir, ['exec', '-T', 'hooked', 'cat', '/tmp/hooked'], env)).toBe('1\n');
    expect(await compose(dir, ['logs', '--no-log-prefix', 'script'], env)).toBe('/\n');

    // What shares something with a container that is made anew is made anew too, as is what was in a network that changed.
    await session.save('compose.yaml', shop.text('compose.yaml').replace('hostname: host', 'hostname: other'));
    await session.until(() => differing(made, shop.ids()).length === 2, 'the one that shares is made anew');
    await session.idle();
    expect(differing(made, shop.ids())).toEqual(['nets-1', 'sharer-1']);
    const before = shop.ids();
    await session.save('compose.yaml', shop.text('compose.yaml').replace('side: front', 'side: back'));
    await session.until(() => differing(before, shop.ids()).length === 2, 'the one that shares is made anew');
    await session.idle();
    expect(differing(before, shop.ids())).toEqual(['nets-1', 'sharer-1']);
    const after = shop.ids();
    await compose(dir, ['up', '-d'], env);
    expect(differing(after, shop.ids())).toEqual([]);
    await session.stop();
    expect(await sluice(dir, ['down', '--volumes'], { env })).toMatchObject({ code: 0 });
    expect(shop.left()).toEqual({ containers: [], networks: [], volumes: [] });
  },
);
