// In place by the Docker daemon that runs the container: the helper over `docker exec`, or, in a container without a
// shell, an archive unpacked by the daemon itself.
import type { DockerPort, Ports } from '../../model/ports.ts';
import type { ContainerTarget, Work } from '../../model/run.ts';
import { layerEntries } from '../image/layer/entries.ts';
import type { Claim, Strategy } from '../strategy.ts';
import { updateInPlace } from './apply.ts';
import { claimLive } from './claim.ts';
import type { SyncRequest } from './synclet/message.ts';
import type { Exec, Synclets } from './synclet/pool.ts';
import { applyKeptOpen } from './synclet/transport.ts';
import { type Declined, declined, type LiveAnswer, type LiveTransport } from './transport.ts';

const name = 'container';
const scheme = 'docker://';

export const containerStrategy = (synclets: Synclets): Strategy => ({
  name,
  claim,
  run: updateInPlace(name, (ports) => dockerTransport(synclets, ports)),
});

function claim(work: Work): Claim {
  const claimed = claimLive(work, 'container');
  const others = work.kind !== 'local' && work.containers.some(({ id }) => !id.startsWith(scheme));
  if (!claimed.take || !others) return claimed;
  const show = work.updateMode === 'container' ? 'user' : 'debug';
  return { take: false, because: 'its containers are not run by Docker', show };
}

function dockerTransport(synclets: Synclets, ports: Ports): LiveTransport {
  return {
    async apply(container, request, output, stop) {
      const docker = await daemonOf(container, ports);
      if (!docker) return notRunHere(container);
      const exec: Exec = (_, cmd, life) => docker.exec(idOf(container), cmd, { stdin: true }, life);
      const answer = await applyKeptOpen(synclets, exec, ports.disk)(container, request, output, stop);
      const isUnpacked = answer.is === 'declined' && answer.noShell && isFilesOnly(request);
      return isUnpacked ? unpack(container, request, docker, ports, stop) : answer;
    },
    // One that this daemon does not know may be run by another.
    isThere: async (container) => (await (await ports.docker()).container(idOf(container)))?.running ?? true,
    restart: async (container, stop) => {
      const docker = await daemonOf(container, ports);
      if (!docker) return notRunHere(container);
      await docker.restart(idOf(container), stop);
      return null;
    },
  };
}

const idOf = (container: ContainerTarget): string => container.id.slice(scheme.length);

/** Null: a cluster may run Docker on a machine of its own, its containers are none of our daemon's. */
async function daemonOf(container: ContainerTarget, ports: Ports): Promise<DockerPort | null> {
  const docker = await ports.docker();
  return (await docker.container(idOf(container))) ? docker : null;
}

const notRunHere = ({ pod, name: container }: ContainerTarget): Declined =>
  declined(`${pod}/${container} is not run by this Docker daemon`);

const isFilesOnly = ({ unlinks, removes, emptied, runs, restart }: SyncRequest): boolean =>
  unlinks.length + removes.length + emptied.length + runs.length === 0 && restart === null;

async function unpack(
  container: ContainerTarget,
  request: SyncRequest,
  docker: DockerPort,
  ports: Ports,
  stop: AbortSignal,
): Promise<LiveAnswer> {
  const where = `${container.pod}/${container.name}`;
  try {
    const image = (await docker.container(idOf(container)))?.imageId ?? container.image;
    const found = await layerEntries(request, image, docker, stop);
    if (found.is === 'declined') return declined(`${where}: ${found.because}`);
    // Servers and caches tell versions of a file by its time: it has to be new.
    const tar = ports.disk.tar(found.entries, { mtime: ports.now() });
    await docker.putArchive(idOf(container), '/', tar, stop);
  } catch (error) {
    stop.throwIfAborted();
    return declined(`${where}: ${(error as Error).message}`);
  }
  return { is: 'ok', restarted: null };
}
