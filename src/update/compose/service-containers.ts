// The containers of one service, whoever made them; one-offs aside.
import { composeLabels } from '../../model/compose-names.ts';
import type { ContainersPort, EngineContainer } from '../../model/ports/containers.ts';
import { once } from './once.ts';

const label = (project: string): string => `${composeLabels.project}=${project}`;
const isOneOff = ({ labels }: EngineContainer): boolean => labels[composeLabels.oneoff] === 'True';

export async function containersOf(
  project: string,
  service: string,
  engine: ContainersPort,
  stop: AbortSignal,
): Promise<readonly EngineContainer[]> {
  const all = await engine.list([label(project), `${composeLabels.service}=${service}`], stop);
  return all.filter((each) => !isOneOff(each));
}

/** The same at the start of a session, by one list for all services: no run of it can have made what a list under way lacks. */
export async function firstContainersOf(
  project: string,
  service: string,
  engine: ContainersPort,
  stop: AbortSignal,
): Promise<readonly EngineContainer[]> {
  const all = await once(engine, `containers of ${project}`, () => engine.list([label(project)], stop));
  return all.filter((each) => !isOneOff(each) && each.labels[composeLabels.service] === service);
}
