// What Compose services are made of, as a port: containers, networks, volumes.
import type { ContainersPort, EngineNetwork, EngineVolume } from '../../model/ports/containers.ts';
import type { Credentials } from '../registry/credentials.ts';
import { type Call, call } from './connection/call.ts';
import type { Client } from './connection/client.ts';
import { failureOf, statusOf } from './connection/failure.ts';
import { attach } from './containers/attach.ts';
import {
  createContainer,
  listEngineContainers,
  lookAt,
  removeContainer,
  renameContainer,
  startContainer,
  stopContainer,
  summariesOf,
  waitContainer,
} from './containers/engine-containers.ts';
import { departures$ } from './events.ts';
import { pull$ } from './images/pull.ts';

/** The path of one network or volume. */
const at = (kind: 'networks' | 'volumes', name: string): string => `/${kind}/${encodeURIComponent(name)}`;

const labelled = (labels: readonly string[]) => ({ filters: JSON.stringify({ label: labels }) });

type Ask = ReturnType<typeof asking>;

export function enginePort(client: Client, credentials: Credentials, isPodman: boolean): ContainersPort {
  const ask = asking(client);
  return {
    // Docker looks for them at the start alone.
    takesNetworksLater: !isPodman,
    list: (labels, stop) => listEngineContainers(client, labels, stop),
    summaries: (labels, stop) => summariesOf(client, labels, stop),
    look: (id, stop) => lookAt(client, id, stop),
    create: (name, request, platform, stop) => createContainer(client, name, request, platform, stop),
    start: (id, stop) => startContainer(client, id, stop),
    attach: (id, tty, stop) => attach(client, id, tty, stop),
    stop: (id, graceS, stop) => stopContainer(client, id, graceS, stop),
    remove: (id, volumes, stop) => removeContainer(client, id, volumes, stop),
    rename: (id, name, stop) => renameContainer(client, id, name, stop),
    wait: (id, stop) => waitContainer(client, id, stop),
    departures: () => departures$(client),
    ...networkCalls(ask),
    ...volumeCalls(ask),
    pull: (ref, platform, stop) => pull$(client, credentials, ref, platform, stop),
  };
}

function networkCalls(
  ask: Ask,
): Pick<ContainersPort, 'networks' | 'network' | 'createNetwork' | 'removeNetwork' | 'connect' | 'disconnect'> {
  return {
    networks: async (labels, stop) =>
      (
        (await ask<Network[]>('listing networks', stop, {
          method: 'GET',
          path: '/networks',
          query: labelled(labels),
        })) ?? []
      ).map(networkOf),
    network: async (name, stop) => {
      const found = await ask<Network>(`looking at the network ${name}`, stop, get(at('networks', name)), [404]);
      return found ? networkOf(found) : null;
    },
    createNetwork: async (request, stop) => {
      const create = { method: 'POST' as const, path: '/networks/create', body: request };
      return (await ask<{ Id: string }>(`making the network ${request.Name}`, stop, create)).Id;
    },
    removeNetwork: (name, stop) =>
      ask(`removing the network ${name}`, stop, { method: 'DELETE', path: at('networks', name) }, [404]),
    connect: (network, container, endpoint, stop) =>
      ask(`connecting ${container.slice(0, 12)} to the network ${network}`, stop, {
        method: 'POST',
        path: `${at('networks', network)}/connect`,
        body: { Container: container, EndpointConfig: endpoint },
      }),
    disconnect: (network, container, stop) =>
      ask(
        `taking ${container.slice(0, 12)} out of the network ${network}`,
        stop,
        {
          method: 'POST',
          path: `${at('networks', network)}/disconnect`,
          body: { Container: container, Force: true },
        },
        [404],
      ),
  };
}

function volumeCalls(ask: Ask): Pick<ContainersPort, 'volumes' | 'volume' | 'createVolume' | 'removeVolume'> {
  return {
    volumes: async (labels, stop) => {
      const list = { method: 'GET' as const, path: '/volumes', query: labelled(labels) };
      const found = await ask<{ Volumes: Named[] | null }>('listing volumes', stop, list);
      return (found?.Volumes ?? []).map(volumeOf);
    },
    volume: async (name, stop) => {
      const found = await ask<Named>(`looking at the volume ${name}`, stop, get(at('volumes', name)), [404]);
      return found ? volumeOf(found) : null;
    },
    createVolume: (request, stop) =>
      ask(`making the volume ${request.Name}`, stop, { method: 'POST', path: '/volumes/create', body: request }),
    removeVolume: (name, stop) =>
      ask(`removing the volume ${name}`, stop, { method: 'DELETE', path: at('volumes', name) }, [404]),
  };
}

const get = (path: string): Call => ({ method: 'GET', path });

/** `fine`: statuses that say that there is nothing there. */
const asking =
  (client: Client) =>
  async <T = never>(doing: string, stop: AbortSignal, request: Call, fine: readonly number[] = []) => {
    try {
      return await call<T>(client, request, stop);
    } catch (error) {
      if (fine.includes(statusOf(error) ?? 0)) return undefined as T;
      throw failureOf(error, client.endpoint, doing, stop);
    }
  };

interface Named {
  readonly Name: string;
  readonly Labels?: Readonly<Record<string, string>> | null;
}
type Network = Named & { readonly Id: string };

const networkOf = ({ Id, Name, Labels }: Network): EngineNetwork => ({ id: Id, name: Name, labels: Labels ?? {} });
const volumeOf = ({ Name, Labels }: Named): EngineVolume => ({ name: Name, labels: Labels ?? {} });
