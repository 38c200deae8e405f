// Networks and volumes that a service needs: made when they are missing, with the labels by which Compose knows its own.
import type { ComposeNetwork, ComposeVolume } from '../../model/compose.ts';
import { composeLabels } from '../../model/compose-names.ts';
import type { ComposeSpec } from '../../model/config.ts';
import { lookup } from '../../model/lookup.ts';
import type { ContainersPort, EngineRequest } from '../../model/ports/containers.ts';
import { isProblemError, type Problem, ProblemError } from '../../model/problem.ts';
import { networksOf } from './container/service-networks.ts';
import { said } from './container/units.ts';
import { once } from './once.ts';

interface Part {
  readonly kind: 'network' | 'volume';
  readonly key: string;
  readonly name: string;
  readonly isExternal: boolean;
  readonly request: EngineRequest;
}

/** `say` hears of each that was made. Rejects where an external one is not there. */
export async function ensureParts(
  spec: ComposeSpec,
  engine: ContainersPort,
  say: (text: string) => void,
  stop: AbortSignal,
): Promise<void> {
  const parts = [...networkParts(spec), ...volumeParts(spec)];
  await Promise.all(
    parts.map((part) => once(engine, `${part.kind} ${part.name}`, () => ensure(part, spec, engine, say, stop))),
  );
}

const look = (part: Part, engine: ContainersPort, stop: AbortSignal) =>
  part.kind === 'network' ? engine.network(part.name, stop) : engine.volume(part.name, stop);

async function ensure(
  part: Part,
  spec: ComposeSpec,
  engine: ContainersPort,
  say: (text: string) => void,
  stop: AbortSignal,
): Promise<void> {
  const found = await look(part, engine, stop);
  if (found && part.isExternal) return;
  if (part.isExternal) throw new ProblemError({ ...missing(part), at: spec.at });
  if (found) {
    const owner = lookup(found.labels, composeLabels.project);
    // Compose goes on with a volume of that name, and takes a network for another's.
    if (part.kind === 'network' && owner !== spec.compose.name)
      throw new ProblemError({ ...taken(part, owner), at: spec.at });
    return;
  }
  try {
    await (part.kind === 'network'
      ? engine.createNetwork(part.request, stop)
      : engine.createVolume(part.request, stop));
    say(`${part.kind} ${part.name} made`);
  } catch (error) {
    // Another session may have made it in between.
    if (isProblemError(error) && /already exists/.test(error.message)) return;
    throw error;
  }
}

const missing = ({ kind, name }: Part): Problem => ({
  kind: 'yours',
  code: 'S372',
  what: `the external ${kind} ${name} is not there`,
  hint: `docker ${kind} create ${name}, or take external: true away`,
});

const taken = ({ kind, name }: Part, owner: string | undefined): Problem => ({
  kind: 'yours',
  code: 'S373',
  what: `the ${kind} ${name} was not made for this project${owner ? ` but for ${owner}` : ''}`,
  hint: `give it another name, or external: true where it is meant to be shared`,
});

function networkParts(spec: ComposeSpec): readonly Part[] {
  return networksOf(spec).map(({ key, name }) => {
    const network = lookup(spec.networks, key) ?? {};
    const isExternal = network.external ?? false;
    return { kind: 'network', key, name, isExternal, request: networkRequest(key, name, network, spec) };
  });
}

const networkRequest = (key: string, name: string, network: ComposeNetwork, { compose }: ComposeSpec): EngineRequest =>
  said({
    Name: name,
    Driver: network.driver,
    Options: network.driver_opts,
    Internal: network.internal,
    Attachable: network.attachable,
    EnableIPv4: network.enable_ipv4,
    EnableIPv6: network.enable_ipv6,
    IPAM: ipam(network),
    Labels: {
      ...network.labels,
      [composeLabels.project]: compose.name,
      [composeLabels.network]: key,
      [composeLabels.version]: 'sluice',
    },
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

function volumeParts(spec: ComposeSpec): readonly Part[] {
  const keys = (spec.config.volumes ?? []).flatMap(({ type, source }) =>
    type === 'volume' && source && Object.hasOwn(spec.volumes, source) ? [source] : [],
  );
  return [...new Set(keys)].map((key) => {
    const volume = lookup(spec.volumes, key) ?? {};
    const name = volume.name ?? key;
    return {
      kind: 'volume',
      key,
      name,
      isExternal: volume.external ?? false,
      request: volumeRequest(key, name, volume, spec),
    };
  });
}

const volumeRequest = (key: string, name: string, volume: ComposeVolume, { compose }: ComposeSpec): EngineRequest =>
  said({
    Name: name,
    Driver: volume.driver,
    DriverOpts: volume.driver_opts,
    Labels: {
      ...volume.labels,
      [composeLabels.project]: compose.name,
      [composeLabels.volume]: key,
      [composeLabels.version]: 'sluice',
    },
  });
