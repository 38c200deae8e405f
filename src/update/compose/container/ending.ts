// A container ended: the hooks of its service first, then it is asked to and given its time, then it is taken away. Whoever ends
// one ends it so: a newer one in its place, a smaller number of replicas, a service that goes, `down`.
import type { ComposeSpec } from '../../../model/config.ts';
import type { LogOrigin } from '../../../model/log.ts';
import type { EngineContainer } from '../../../model/ports/containers.ts';
import type { DockerPort, Ports } from '../../../model/ports.ts';
import { runHooks } from './hooks.ts';
import { secondsOf } from './units.ts';

/** `state`: as far as it is known. */
export type Leaving = Pick<EngineContainer, 'id' | 'name'> & Partial<Pick<EngineContainer, 'state'>>;

export interface Ending {
  /** Of its service; null where no file names that any more: nothing is known of its hooks. */
  readonly spec: ComposeSpec | null;
  /** Where the output of hooks goes. */
  readonly origin: LogOrigin;
  readonly docker: DockerPort;
  readonly ports: Pick<Ports, 'logs' | 'now'>;
  /** Seconds that it is given; null or left out for those that it was made with. */
  readonly graceS?: number | null;
  readonly stop: AbortSignal;
}

/** Within its time. What does not run is left as it is. `meanwhile`: done while it ends, once no hook keeps it from that. */
export async function stopContainer(
  container: Leaving,
  ending: Ending,
  meanwhile: () => Promise<void> = async () => {},
): Promise<void> {
  if (atRest.has(container.state)) return meanwhile();
  await sayBefore(container, ending);
  const stopped = ending.docker.engine.stop(container.id, ending.graceS ?? null, ending.stop);
  for (const each of await Promise.allSettled([stopped, meanwhile()]))
    if (each.status === 'rejected') throw each.reason;
}

/** `volumes`: its anonymous ones go too, and what is in them. What is given no time is ended by its removal. */
export async function endContainer(container: Leaving, volumes: boolean, ending: Ending): Promise<void> {
  if (graceOf(ending) !== 0) await stopContainer(container, ending);
  else await sayBefore(container, ending);
  await ending.docker.engine.remove(container.id, volumes, ending.stop);
}

/** As asked, else as its service is configured now; undefined where neither says it. */
const graceOf = ({ graceS, spec }: Ending): number | undefined => graceS ?? secondsOf(spec?.config.stop_grace_period);

const atRest: ReadonlySet<Leaving['state']> = new Set(['created', 'exited', 'dead']);

/** A hook that fails keeps it running, as with `docker compose`; one that meets its end has nothing more to say to it. */
async function sayBefore({ id, state }: Leaving, { spec, ...ending }: Ending): Promise<void> {
  if (spec === null || state !== 'running') return;
  try {
    await runHooks('pre_stop', id, { spec, ...ending });
  } catch (error) {
    if ((await ending.docker.engine.look(id, ending.stop))?.state === 'running') throw error;
  }
}
