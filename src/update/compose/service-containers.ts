// The containers of one service, whoever made them; one-offs aside.
import { composeLabels, projectLabel } from '../../model/compose/names.ts';
import { sharedServices } from '../../model/compose/sharing.ts';
import type { ComposeSpec } from '../../model/config.ts';
import type { ContainerSummary, ContainersPort, EngineContainer } from '../../model/ports/containers.ts';
import { joined, once } from '../../operators/promises/once.ts';
import { linkOf } from './container/links.ts';
import type { Others } from './container/shared-containers.ts';

const isOneOff = ({ labels }: Pick<EngineContainer, 'labels'>): boolean => labels[composeLabels.oneoff] === 'True';

export async function containersOf(
  project: string,
  service: string,
  engine: ContainersPort,
  stop: AbortSignal,
): Promise<readonly EngineContainer[]> {
  const all = await engine.list([projectLabel(project), `${composeLabels.service}=${service}`], stop);
  return all.filter((each) => !isOneOff(each));
}

/**
 * The same at the start of a session, by the list of all that is read then: no run of it can have made what a list under way lacks.
 * Those of other services are not looked at: while one starts, that waits until it is over.
 */
export async function firstContainersOf(
  project: string,
  service: string,
  engine: ContainersPort,
  stop: AbortSignal,
): Promise<readonly EngineContainer[]> {
  const label = projectLabel(project);
  const listed = joined<readonly ContainerSummary[]>(engine, label, stop);
  const all = await (listed ?? engine.summaries([label, `${composeLabels.service}=${service}`], stop));
  const own = all.filter((each) => !isOneOff(each) && each.labels[composeLabels.service] === service);
  const looks = own.map(({ id }) => once(engine, id, (shared) => engine.look(id, shared), stop));
  return (await Promise.all(looks)).filter((each) => each !== null);
}

/** Containers of each service that this one shares something with, the first of which `service:NAME` means, or is linked to. */
export async function othersOf(
  { compose, config }: ComposeSpec,
  engine: ContainersPort,
  stop: AbortSignal,
): Promise<Others> {
  const linked = (config.links ?? []).map((link) => linkOf(link).to);
  const names = [...new Set([...sharedServices(config), ...linked])];
  const found = names.map(
    async (name) => [name, (await containersOf(compose.name, name, engine, stop)).toSorted(byNumber)] as const,
  );
  return Object.fromEntries(await Promise.all(found));
}

/** Of two with one number the newer one stays. */
const byNumber = (a: EngineContainer, b: EngineContainer): number => number(a) - number(b) || b.createdAt - a.createdAt;

const number = ({ labels }: EngineContainer): number => Number(labels[composeLabels.number] ?? 0);
