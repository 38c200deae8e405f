// A container made as its recipe says, with its networks and the files that it is given, and not started: a replica of a service
// or a one-off.
import { Readable } from 'node:stream';
import { limits } from '../../../model/limits.ts';
import type { DockerPort, Ports } from '../../../model/ports.ts';
import { isProblemError, ProblemError } from '../../../model/problems/problem.ts';
import { timeoutSignal } from '../../../operators/promises/timeout-signal.ts';
import { givenFiles } from './given-files.ts';
import type { Recipe } from './recipe.ts';
import { containerRequest } from './request.ts';
import { endpointOf, networksOf } from './service-networks.ts';
import { tarOf } from './tar.ts';

export interface Creation {
  readonly docker: DockerPort;
  readonly ports: Pick<Ports, 'env' | 'now'>;
  readonly stop: AbortSignal;
  /** Resolves when those that it names are there; left out where they are. */
  readonly networks?: Promise<unknown>;
}

/** Its id, once its networks are there. `name`: that of the recipe, or another one for now. Of what cannot be made whole nothing is left. */
export async function makeContainer(name: string, recipe: Recipe, creation: Creation): Promise<string> {
  if (!creation.docker.engine.takesNetworksLater) await creation.networks;
  const id = await create(name, recipe, creation);
  try {
    await creation.networks;
    await furnish(id, recipe, creation);
  } catch (error) {
    await discard(id, creation.docker);
    throw error;
  }
  return id;
}

/** Of one that never ran: whatever has become of the session, it is not left behind. */
export const discard = (id: string, docker: DockerPort): Promise<void> =>
  docker.engine.remove(id, false, timeoutSignal(limits.dockerConnectMs)).catch(() => {});

async function create(name: string, recipe: Recipe, { docker, stop }: Creation): Promise<string> {
  const { spec } = recipe;
  try {
    return await docker.engine.create(name, containerRequest(recipe), spec.config.platform ?? null, stop);
  } catch (error) {
    if (!isProblemError(error)) throw error;
    const isTaken = /is already in use/.test(error.message);
    throw new ProblemError({
      ...error.problem,
      kind: isTaken ? 'yours' : error.problem.kind,
      ...(isTaken ? { code: 'S374', hint: `docker rm -f ${name}, if it is nobody's any more` } : {}),
      at: spec.at,
    });
  }
}

/** Its further networks, and the files it is given. */
async function furnish(id: string, recipe: Recipe, { docker, ports, stop }: Creation): Promise<void> {
  const { spec } = recipe;
  for (const { key, name: network } of networksOf(spec).slice(1))
    await docker.engine.connect(network, id, endpointOf(key, recipe), stop);
  const files = givenFiles(spec, ports.env ?? {});
  if (files.length > 0) await docker.putArchive(id, '/', Readable.from([tarOf(files, ports.now())]), stop);
}
