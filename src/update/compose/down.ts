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
  const containers = await containersOf(project, service, docker.engine, stop);
  await removeContainers(containers, docker, { volumes: false, say }, stop);
}

/** `volumes`: their anonymous ones go too, and what is in them. */
export async function removeContainers(
  containers: readonly Pick<EngineContainer, 'id' | 'name'>[],
  docker: DockerPort,
  { volumes, say }: { readonly volumes: boolean; readonly say: Say },
  stop: AbortSignal,
): Promise<void> {
  await Promise.all(
    containers.map(async ({ id, name }) => {
      await docker.engine.stop(id, null, stop);
      await docker.engine.remove(id, volumes, stop);
      say(`container ${name} removed`);
    }),
  );
}

export interface DownOptions {
  readonly project: string;
  /** Services by name with what each needs, and those that no active profile has; containers of others are orphans. */
  readonly services: ReadonlyMap<string, readonly string[]>;
  readonly inactive: readonly string[];
  /** Only these services; empty for all, with networks, volumes and images. */
  readonly only: readonly string[];
  /** Names of volumes that go; null for none, with anonymous ones kept as well. */
  readonly volumes: readonly string[] | null;
  readonly orphans: boolean;
  /** Images that go: none, those without a name of their own, or all. */
  readonly images: readonly string[];
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
  const isOrphan = (container: EngineContainer): boolean =>
    hasEndedAlone(container) || !services.has(serviceOf(container));
  const wanted = all.filter(
    (container) => !isOrphan(container) && (only.length === 0 || only.includes(serviceOf(container))),
  );
  const orphans = all.filter((container) => isOrphan(container) && !options.inactive.includes(serviceOf(container)));
  const removing = { volumes: options.volumes !== null, say };
  for (const rank of ranks(services)) {
    const due = wanted.filter((container) => rank.includes(serviceOf(container)));
    await removeContainers(due, docker, removing, stop);
  }
  if (options.orphans) await removeContainers(orphans, docker, removing, stop);
  else if (orphans.length > 0)
    say(`orphans are left: ${orphans.map(({ name }) => name).join(', ')} (--remove-orphans takes them away)`);
  const count = wanted.length + (options.orphans ? orphans.length : 0);
  if (only.length > 0) return count > 0;
  return count + (await removeParts(options, mine, docker, say, stop)) > 0;
}

/** What `run` has kept of a one-off counts as nobody's, as with `docker compose`; one that runs is of its service. */
const hasEndedAlone = ({ labels, state }: EngineContainer): boolean =>
  labels[composeLabels.oneoff] === 'True' && (state === 'exited' || state === 'dead');

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
  { volumes, images }: DownOptions,
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
    const isGone = await unlessUsed(docker.engine.removeNetwork(name, stop), `network ${name}`, say);
    if (isGone) gone(`network ${name} removed`);
  }
  for (const name of volumes ?? []) {
    if (!(await docker.engine.volume(name, stop))) continue;
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
