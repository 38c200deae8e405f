// What a project has on the daemon, taken away: containers in the reverse of their order, then networks, volumes and images.
import { composeLabels } from '../../model/compose-names.ts';
import type { EngineContainer } from '../../model/ports/containers.ts';
import type { DockerPort } from '../../model/ports.ts';
import { isProblemError } from '../../model/problem.ts';
import { containersOf } from './service-containers.ts';

type Say = (text: string) => void;

export async function removeService(
  { project, service }: { readonly project: string; readonly service: string },
  docker: DockerPort,
  say: Say,
  stop: AbortSignal,
): Promise<void> {
  await removeContainers(await containersOf(project, service, docker.engine, stop), docker, say, stop);
}

export async function removeContainers(
  containers: readonly EngineContainer[],
  docker: DockerPort,
  say: Say,
  stop: AbortSignal,
): Promise<void> {
  await Promise.all(
    containers.map(async ({ id, name }) => {
      await docker.engine.stop(id, null, stop);
      await docker.engine.remove(id, true, stop);
      say(`container ${name} removed`);
    }),
  );
}

export interface DownOptions {
  readonly project: string;
  /** Services by name with what each needs; containers of others are orphans. */
  readonly services: ReadonlyMap<string, readonly string[]>;
  /** Only these services; empty for all, with networks, volumes and images. */
  readonly only: readonly string[];
  readonly volumes: boolean;
  readonly orphans: boolean;
  /** Images that go: none, those without a name of their own, or all. */
  readonly images: readonly string[];
  /** Volumes and networks of the project that are somebody else's: left alone. */
  readonly external: readonly string[];
}

/** True where there was anything to take down. */
export async function projectDown(
  options: DownOptions,
  docker: DockerPort,
  say: Say,
  stop: AbortSignal,
): Promise<boolean> {
  const { project, services, only } = options;
  const mine = [`${composeLabels.project}=${project}`];
  const all = await docker.engine.list(mine, stop);
  const isOrphan = (container: EngineContainer): boolean => !services.has(serviceOf(container));
  const wanted = all.filter((container) =>
    isOrphan(container) ? options.orphans : only.length === 0 || only.includes(serviceOf(container)),
  );
  for (const rank of ranks(services)) {
    const due = wanted.filter((container) => rank.includes(serviceOf(container)));
    await removeContainers(due, docker, say, stop);
  }
  await removeContainers(wanted.filter(isOrphan), docker, say, stop);
  const left = all.filter((container) => !wanted.includes(container));
  const orphans = left.filter(isOrphan);
  if (orphans.length > 0)
    say(`orphans are left: ${orphans.map(({ name }) => name).join(', ')} (--remove-orphans takes them away)`);
  if (only.length > 0) return wanted.length > 0;
  const parts = await removeParts(options, mine, docker, say, stop);
  return wanted.length + parts > 0;
}

const serviceOf = ({ labels }: EngineContainer): string => labels[composeLabels.service] ?? '';

/** Those that nothing needs first. */
export function ranks(services: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[] {
  const left = new Set(services.keys());
  const all: string[][] = [];
  while (left.size > 0) {
    const free = [...left].filter((name) => ![...left].some((other) => services.get(other)?.includes(name)));
    // A circle is a problem of the configuration; what is up goes all the same.
    const rank = free.length > 0 ? free : [...left];
    for (const name of rank) left.delete(name);
    all.push(rank);
  }
  return all;
}

async function removeParts(
  { volumes, images, external }: DownOptions,
  labels: readonly string[],
  docker: DockerPort,
  say: Say,
  stop: AbortSignal,
): Promise<number> {
  let count = 0;
  const gone = (text: string) => {
    count++;
    say(text);
  };
  for (const { name } of await docker.engine.networks(labels, stop)) {
    if (external.includes(name)) continue;
    const isGone = await unlessUsed(docker.engine.removeNetwork(name, stop), `network ${name}`, say);
    if (isGone) gone(`network ${name} removed`);
  }
  if (volumes)
    for (const { name } of await docker.engine.volumes(labels, stop)) {
      if (external.includes(name)) continue;
      const isGone = await unlessUsed(docker.engine.removeVolume(name, stop), `volume ${name}`, say);
      if (isGone) gone(`volume ${name} removed`);
    }
  for (const image of images) {
    if (!(await docker.image(image))) continue;
    const isGone = await unlessUsed(docker.removeImage(image), `image ${image}`, say);
    if (isGone) gone(`image ${image} removed`);
  }
  return count;
}

/** What others use stays, and that is said. */
async function unlessUsed(removing: Promise<void>, what: string, say: Say): Promise<boolean> {
  try {
    await removing;
    return true;
  } catch (error) {
    if (!isProblemError(error) || error.problem.kind === 'unavailable') throw error;
    say(`${what} is left: ${error.message}`);
    return false;
  }
}
