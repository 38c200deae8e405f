// What Compose finds wrong while it reads a file is wrong also where nobody asks for that part of it: a service that no other
// extends. These are values that it makes numbers and switches of, and short forms that it takes apart.
import { lookup } from '../../../model/text/lookup.ts';
import type { Path } from '../../yaml/document.ts';

const numbers = 'cpu_count|cpu_percent|cpu_period|cpu_quota|cpu_rt_period|cpu_rt_runtime|cpus|cpu_shares';
const places: Readonly<Record<string, RegExp>> = {
  services: new RegExp(
    [
      `^(?:${numbers}|oom_score_adj|pids_limit|scale)$`,
      '^(?:init|oom_kill_disable|privileged|read_only|stdin_open|tty)$',
      '^deploy/(?:replicas|(?:update|rollback)_config/|restart_policy/max_attempts|placement/max_replicas_per_node)',
      '^healthcheck/(?:retries|disable)$',
      '^depends_on/[^/]+/(?:required|restart)$',
      '^(?:ports|devices|ulimits|build/ssh)(?:/|$)',
      '^volumes/[0-9]+/(?:read_only|bind/create_host_path|volume/nocopy)$',
    ].join('|'),
  ),
  networks: /^(?:external|internal|attachable)(?:\/|$)/,
  volumes: /^external(?:\/|$)/,
  secrets: /^external(?:\/|$)/,
  configs: /^external(?:\/|$)/,
};

/** `trail`: from the service, network, … on. */
export const isToldEarly = (section: string, trail: Path): boolean =>
  lookup(places, section)?.test(trail.join('/')) ?? false;
