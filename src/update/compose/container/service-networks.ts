// Which networks a container of a service is in, and how it is called there.
import type { ComposeSpec } from '../../../model/config.ts';
import type { EngineRequest } from '../../../model/ports/containers.ts';
import { lookup } from '../../../model/text/lookup.ts';
import { linksOf } from './links.ts';
import type { Recipe } from './recipe.ts';
import { sharedMode } from './shared-containers.ts';
import { said } from './units.ts';

export interface ServiceNetwork {
  /** As the project calls it, and as Docker does. */
  readonly key: string;
  readonly name: string;
}

/** Highest priority first, then by name: the first one is the container's own. None where it shares another's, or the host's. */
export function networksOf({ config, networks }: ComposeSpec): readonly ServiceNetwork[] {
  if (config.network_mode) return [];
  const priority = (key: string): number => lookup(config.networks, key)?.priority ?? 0;
  return Object.keys(config.networks ?? {})
    .sort((a, b) => priority(b) - priority(a) || (a < b ? -1 : 1))
    .map((key) => ({ key, name: lookup(networks, key)?.name ?? key }));
}

export const primaryNetwork = (spec: ComposeSpec): ServiceNetwork | null => networksOf(spec)[0] ?? null;

export function networkModeOf(spec: ComposeSpec, idOf: (service: string) => string): string {
  const { network_mode: mode } = spec.config;
  return sharedMode(mode, idOf) ?? primaryNetwork(spec)?.name ?? 'none';
}

/**
 * Found there by the name of its container, of its service, and the aliases that it is given; a one-off only by its own, or it
 * would be given what is meant for the service.
 */
export function endpointOf(
  key: string,
  { spec, name, others, isOneOff, hasAliases }: Pick<Recipe, 'spec' | 'name' | 'others' | 'isOneOff' | 'hasAliases'>,
): EngineRequest {
  const { config, service } = spec;
  const given = lookup(config.networks, key) ?? {};
  const isPrimary = primaryNetwork(spec)?.key === key;
  const address = said({
    IPv4Address: given.ipv4_address,
    IPv6Address: given.ipv6_address,
    LinkLocalIPs: given.link_local_ips,
  });
  const links = linksOf(spec, others);
  return said({
    Aliases: isOneOff && !hasAliases ? [name] : [...new Set([name, service, ...(given.aliases ?? [])])],
    Links: links.length > 0 ? links : undefined,
    IPAMConfig: Object.keys(address).length > 0 ? address : undefined,
    MacAddress: given.mac_address ?? (isPrimary ? config.mac_address : undefined),
    DriverOpts: given.driver_opts ?? interfaceName(given.interface_name),
    GwPriority: given.gw_priority,
  });
}

const interfaceName = (name: string | undefined) =>
  name === undefined ? undefined : { 'com.docker.network.endpoint.ifname': name };
