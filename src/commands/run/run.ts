// `run`: a container of its own for one command, made as those of the service are, with its networks and volumes. It bears Compose's
// label of a one-off: no `up` takes it for a replica, and `down` takes it away.
import { randomBytes } from 'node:crypto';
import { dirname } from 'node:path';
import { limits } from '../../model/limits.ts';
import type { DockerPort } from '../../model/ports.ts';
import { timeoutSignal } from '../../operators/promises/timeout-signal.ts';
import { makeContainer } from '../../update/compose/container/creation.ts';
import { ensureParts } from '../../update/compose/project-parts.ts';
import { othersOf } from '../../update/compose/service-containers.ts';
import { imageFor } from '../service/image.ts';
import { type OfServices, serviceNamed, withServices } from '../service/services.ts';
import { passedOn, wantsTerminal } from '../service/terminal.ts';
import { bringUpNeeds } from './needs.ts';
import { type OneOff, oneOffOf } from './one-off.ts';

export interface RunRequest extends OfServices {
  readonly service: string;
  readonly oneOff: OneOff;
  /** Of its container; null for one of its own. */
  readonly name: string | null;
  /** Other containers find it by the names of the service. */
  readonly hasAliases: boolean;
  /** What has changed of its image is built first; else it is where it is not there. */
  readonly isBuilt: boolean;
  /** Instead of `pull_policy`. */
  readonly pull: string | null;
  /** It stays when it has ended. */
  readonly isKept: boolean;
  /** It is left to itself once it has started. */
  readonly isDetached: boolean;
  /** Without a terminal, also where there is one. */
  readonly isPlain: boolean;
  /** What the service needs is left as it is. */
  readonly isAlone: boolean;
}

export const runOnce = (request: RunRequest): Promise<number> =>
  withServices({ ...request, services: [request.service] }, async (specs, ports, stop, config) => {
    const tty = wantsTerminal(request.isPlain);
    const service = serviceNamed(request.service, specs, config);
    const spec = oneOffOf(service, request.oneOff, tty, process.cwd());
    const place = { file: request.file, dir: dirname(request.file) };
    const code = request.isAlone ? 0 : await bringUpNeeds(service, specs, place, ports, stop);
    if (code !== 0) return code;
    const docker = await ports.docker();
    const imageId = await imageFor(spec, request, config, ports, stop);
    await ensureParts(spec, docker.engine, () => {}, stop);
    const others = await othersOf(spec, docker.engine, stop);
    const name = request.name ?? `${spec.compose.name}-${spec.service}-run-${randomBytes(6).toString('hex')}`;
    const recipe = {
      ...{ spec, number: 1, name, imageId, before: null, others, isOneOff: true, hasAliases: request.hasAliases },
      // Nobody of ours is there when a detached one ends.
      goesByItself: request.isDetached && !request.isKept,
    };
    const id = await makeContainer(name, recipe, { docker, ports, stop });
    return request.isDetached ? left(id, name, docker, stop) : followed(id, tty, request, docker, stop);
  });

/** Its name is what it is found by. */
async function left(id: string, name: string, docker: DockerPort, stop: AbortSignal): Promise<number> {
  await docker.engine.start(id, stop).catch(async (error) => {
    await gone(id, docker);
    throw error;
  });
  process.stdout.write(`${name}\n`);
  return 0;
}

/** Attached before it starts: nothing it says is missed. */
async function followed(
  id: string,
  tty: boolean,
  { isKept, oneOff }: RunRequest,
  docker: DockerPort,
  stop: AbortSignal,
): Promise<number> {
  try {
    const stream = await docker.engine.attach(id, tty, stop);
    await docker.engine.start(id, stop);
    return await passedOn(
      stream,
      { isTerminal: tty, isInteractive: oneOff.isInteractive },
      docker.engine.wait(id, stop),
    );
  } finally {
    // Whoever interrupts it ends the command as well: it is told to end before it is killed.
    if (stop.aborted)
      await docker.engine.stop(id, limits.interruptedRunS, timeoutSignal(limits.closeMs)).catch(() => {});
    if (!isKept) await gone(id, docker);
  }
}

const gone = (id: string, docker: DockerPort): Promise<void> => docker.engine.remove(id, true, timeoutSignal(10_000));
