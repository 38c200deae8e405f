// Containers of the daemon: looking at them, unpacking files into them, restarting them.
import type { Readable } from 'node:stream';
import type { ContainerInspectInfo } from 'dockerode';
import type { DockerContainer } from '../../../model/ports.ts';
import type { Client } from '../connection/client.ts';
import { failureOf, statusOf } from '../connection/failure.ts';

/** Null when there is no such container. */
export async function container(client: Client, id: string): Promise<DockerContainer | null> {
  try {
    return containerOf(await client.docker.getContainer(id).inspect());
  } catch (error) {
    if (statusOf(error) === 404) return null;
    throw failureOf(error, client.endpoint, `looking at the container ${id}`);
  }
}

export async function containers(
  client: Client,
  filter: { readonly label?: string; readonly all?: boolean },
): Promise<readonly DockerContainer[]> {
  try {
    const filters: { label?: string[] } = filter.label ? { label: [filter.label] } : {};
    const found = await client.docker.listContainers({ all: filter.all ?? false, filters });
    const all: DockerContainer[] = [];
    for (const { Id } of found) {
      const one = await container(client, Id);
      if (one) all.push(one);
    }
    return all;
  } catch (error) {
    throw failureOf(error, client.endpoint, 'listing containers');
  }
}

/** Streams with back-pressure; missing directories are made. Rejects when `path` is missing in the container. */
export async function putArchive(
  client: Client,
  id: string,
  path: string,
  tar: Readable,
  stop: AbortSignal,
): Promise<void> {
  // docker-modem never hears of a source that is destroyed without an error: the request would wait for ever.
  const drop = new AbortController();
  let isWhole = false;
  const onClose = () => isWhole || drop.abort();
  tar.once('end', () => {
    isWhole = true;
  });
  let fault: Error | null = null;
  tar.on('error', (error) => {
    fault = error;
  });
  tar.once('close', onClose);
  try {
    await client.docker
      .getContainer(id)
      .putArchive(tar, { path, abortSignal: AbortSignal.any([stop, drop.signal]) } as { path: string });
  } catch (error) {
    throw failureOf(stop.aborted ? error : (fault ?? error), client.endpoint, `copying into ${id.slice(0, 12)}`, stop);
  } finally {
    tar.off('close', onClose);
    tar.destroy();
  }
}

/** Resolves when it runs again. */
export async function restart(client: Client, id: string, stop: AbortSignal): Promise<void> {
  try {
    await client.docker.getContainer(id).restart({ abortSignal: stop });
  } catch (error) {
    throw failureOf(error, client.endpoint, `restarting ${id.slice(0, 12)}`, stop);
  }
}

function containerOf(info: ContainerInspectInfo): DockerContainer {
  const startedAt = Date.parse(info.State.StartedAt);
  return {
    id: info.Id,
    name: info.Name.replace(/^\//, ''),
    image: info.Config.Image,
    imageId: info.Image,
    labels: info.Config.Labels ?? {},
    running: info.State.Running,
    status: info.State.Status,
    // Never started: the year 1.
    startedAt: startedAt > 0 ? startedAt : null,
    readOnlyRoot: info.HostConfig.ReadonlyRootfs ?? false,
  };
}
