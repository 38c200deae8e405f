// The networks and volumes of a service as the Engine API makes them, with the labels by which Compose knows its own.
import { composeLabels } from '../../model/compose/names.ts';
import type { ComposeNetwork, ComposeVolume } from '../../model/compose.ts';
import type { ComposeSpec } from '../../model/config.ts';
import type { EngineRequest } from '../../model/ports/containers.ts';
import { lookup } from '../../model/text/lookup.ts';
import { networkHash, volumeHash } from './config-hash.ts';
import { networksOf } from './container/service-networks.ts';
import { said } from './container/units.ts';

export interface Part {
  readonly kind: 'network' | 'volume';
  readonly key: string;
  readonly name: string;
  readonly isExternal: boolean;
  /** By which Compose tells whether it is as configured. */
  readonly hash: string;
  readonly request: EngineRequest;
}

export function networkParts(spec: ComposeSpec): readonly Part[] {
  return networksOf(spec).map(({ key, name }) => {
    const network = lookup(spec.networks, key) ?? {};
    const isExternal = network.external ?? false;
    const hash = networkHash({ ...network, name });
    return { kind: 'network', key, name, isExternal, hash, request: networkRequest(key, name, hash, network, spec) };
  });
}

const networkRequest = (
  key: string,
  name: string,
  hash: string,
  network: ComposeNetwork,
  { compose }: ComposeSpec,
): EngineRequest =>
  said({
    Name: name,
    Driver: network.driver,
    Options: network.driver_opts,
    Internal: network.internal,
    Attachable: network.attachable,
    EnableIPv4: network.enable_ipv4,
    EnableIPv6: network.enable_ipv6,
    IPAM: ipam(network),
    Labels: labelled(network.labels, { kind: 'network', key, hash }, compose),
  });

function ipam({ ipam: given }: ComposeNetwork): EngineRequest | undefined {
  if (!given?.driver && !given?.config) return undefined;
  const config = given.config?.map((pool) =>
    said({
      Subnet: pool.subnet,
      Gateway: pool.gateway,
      IPRange: pool.ip_range,
      AuxiliaryAddresses: pool.aux_addresses,
    }),
  );
  return said({ Driver: given.driver ?? 'default', Config: config });
}

export function volumeParts(spec: ComposeSpec): readonly Part[] {
  const keys = (spec.config.volumes ?? []).flatMap(({ type, source }) =>
    type === 'volume' && source && Object.hasOwn(spec.volumes, source) ? [source] : [],
  );
  return [...new Set(keys)].map((key) => {
    const volume = lookup(spec.volumes, key) ?? {};
    const name = volume.name ?? key;
    const isExternal = volume.external ?? false;
    const hash = volumeHash({ ...volume, name });
    return { kind: 'volume', key, name, isExternal, hash, request: volumeRequest(key, name, hash, volume, spec) };
  });
}

const volumeRequest = (
  key: string,
  name: string,
  hash: string,
  volume: ComposeVolume,
  { compose }: ComposeSpec,
): EngineRequest =>
  said({
    Name: name,
    Driver: volume.driver,
    DriverOpts: volume.driver_opts,
    Labels: labelled(volume.labels, { kind: 'volume', key, hash }, compose),
  });

const labelled = (
  given: ComposeVolume['labels'],
  { kind, key, hash }: Pick<Part, 'kind' | 'key' | 'hash'>,
  { name }: ComposeSpec['compose'],
): Readonly<Record<string, string>> => ({
  ...given,
  [composeLabels.project]: name,
  [composeLabels[kind]]: key,
  [composeLabels.hash]: hash,
  [composeLabels.version]: 'sluice',
});
