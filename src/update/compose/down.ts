// What a project has on the daemon, taken away: containers in the reverse of their order, then networks, volumes and images.
import { composeLabels, projectLabel } from '../../model/compose/names.ts';
import type { ComposeSpec, Orphans } from '../../model/config.ts';
import type { ContainerSummary } from '../../model/ports/containers.ts';
import type { DockerPort, Ports } from '../../model/ports.ts';
import { isProblemError } from '../../model/problems/problem.ts';
import { endContainer, type Leaving } from './container/ending.ts';
import { type NetworkRemovals, networkRemovals } from './network-removals.ts';
import { containersOf } from './service-containers.ts';

type Say = (text: string) => void;

export interface Removing {
  readonly docker: DockerPort;
  readonly ports: Pick<Ports, 'logs' | 'now'>;
  /** Hears of each that has gone. */
  readonly say: Say;
  /** Seconds that each is given to end; null or left out for its own. */
  readonly graceS?: number | null;
  readonly stop: AbortSignal;
}

/** Anonymous volumes stay. */
export async function removeService(spec: ComposeSpec, removing: Removing): Promise<void> {
  const { docker, stop } = removing;
  const containers = await containersOf(spec.compose.name, spec.service, docker.engine, stop);
  await removeContainers(containers, () => spec, { volumes: false }, removing);
}

/** Side by side; one that cannot be ended keeps no other from its end. `volumes`: anonymous ones go too, and what is in them. */
export async function removeContainers<C extends Leaving>(
  containers: readonly C[],
  specOf: (container: C) => ComposeSpec | null,
  { volumes }: { readonly volumes: boolean },
  { docker, ports, say, graceS = null, stop }: Removing,
): Promise<void> {
  const gone = containers.map(async (container) => {
    const spec = specOf(container);
    const origin = { resource: spec?.name ?? '', source: 'engine' as const };
    await endContainer(container, volumes, { spec, origin, docker, ports, graceS, stop });
    say(`container ${container.name} removed`);
  });
  for (const each of await Promise.allSettled(gone)) if (each.status === 'rejected') throw each.reason;
}

export interface DownOptions {
  readonly project: string;
  /** Services by name, and those that no active profile has; containers of others are orphans. */
  readonly services: ReadonlyMap<string, ComposeSpec>;
  readonly inactive: readonly string[];
  /** Only these services; empty for all, with networks, volumes and images. */
  readonly only: readonly string[];
  /** Names of volumes that go; null for none, with anonymous ones kept as well. */
  readonly volumes: readonly string[] | null;
  readonly orphans: Orphans;
  /** Images that go: none, those without a name of their own, or all. */
  readonly images: readonly string[];
}

/** True where there was anything to take down. */
export async function projectDown(options: DownOptions, removing: Removing): Promise<boolean> {
  const { docker, stop } = removing;
  const mine = [projectLabel(options.project)];
  const networks = options.only.length > 0 ? null : networkRemovals(mine, docker.engine, stop);
  try {
    const all = await docker.engine.summaries(mine, stop);
    await networks?.begin(all);
    const count = await containersDown(all, options, removing);
    return count + (networks ? await removeParts(options, networks, removing) : 0) > 0;
  } finally {
    networks?.close();
  }
}

/** How many there were. */
async function containersDown(
  all: readonly ContainerSummary[],
  options: DownOptions,
  removing: Removing,
): Promise<number> {
  const { services, only } = options;
  const { say } = removing;
  const isOrphan = (container: ContainerSummary): boolean =>
    hasEndedAlone(container) || !services.has(serviceOf(container));
  const wanted = all.filter(
    (container) => !isOrphan(container) && (only.length === 0 || only.includes(serviceOf(container))),
  );
  const orphans = all.filter((container) => isOrphan(container) && !options.inactive.includes(serviceOf(container)));
  const how = { volumes: options.volumes !== null };
  const specOf = (container: ContainerSummary) => services.get(serviceOf(container)) ?? null;
  for (const rank of ranks(needsOf(services))) {
    const due = wanted.filter((container) => rank.includes(serviceOf(container)));
    await removeContainers(due, specOf, how, removing);
  }
  if (options.orphans === 'removed') await removeContainers(orphans, () => null, how, removing);
  else if (options.orphans === 'told' && orphans.length > 0)
    say(`orphans are left: ${orphans.map(({ name }) => name).join(', ')} (--remove-orphans takes them away)`);
  return wanted.length + (options.orphans === 'removed' ? orphans.length : 0);
}

/** What `run` has kept of a one-off counts as nobody's, as with `docker compose`; one that runs is of its service. */
const hasEndedAlone = ({ labels, state }: ContainerSummary): boolean =>
  labels[composeLabels.oneoff] === 'True' && (state === 'exited' || state === 'dead');

const serviceOf = ({ labels }: ContainerSummary): string => labels[composeLabels.service] ?? '';

const needsOf = (services: DownOptions['services']): ReadonlyMap<string, readonly string[]> =>
  new Map([...services].map(([service, { needs }]) => [service, needs.map(({ name }) => name)]));

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
  networks: NetworkRemovals,
  { docker, say, stop }: Removing,
): Promise<number> {
  let count = 0;
  const gone = (text: string) => {
    count++;
    say(text);
  };
  for (const { name, removed } of await networks.all()) {
    const isGone = await unlessUsed(removed(), `network ${name}`, say);
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
