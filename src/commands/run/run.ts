// `run`: a container of its own for one command, made as those of the service are, with its networks and volumes and without its
// ports. It bears Compose's label of a one-off: no `up` takes it for a replica, and `down` takes it away.
import { randomBytes } from 'node:crypto';
import { dirname } from 'node:path';
import type { ComposeSpec } from '../../model/config.ts';
import type { DockerPort, Ports } from '../../model/ports.ts';
import { ProblemError } from '../../model/problem.ts';
import { makeContainer } from '../../update/compose/container/making.ts';
import { ensureParts } from '../../update/compose/project-parts.ts';
import { othersOf } from '../../update/compose/service-containers.ts';
import { type OfServices, serviceNamed, withServices } from '../service/services.ts';
import { passedOn, wantsTerminal } from '../service/terminal.ts';
import { bringUpNeeds } from './needs.ts';

export interface RunRequest extends OfServices {
  readonly service: string;
  /** Empty: what the service itself runs. */
  readonly cmd: readonly string[];
  readonly variables: readonly string[];
  readonly user: string | null;
  readonly dir: string | null;
  /** It stays when it has ended. */
  readonly isKept: boolean;
  /** Without a terminal, also where there is one. */
  readonly isPlain: boolean;
  /** What the service needs is left as it is. */
  readonly isAlone: boolean;
}

export const runOnce = (request: RunRequest): Promise<number> =>
  withServices(request, async (specs, ports, stop) => {
    const tty = wantsTerminal(request.isPlain);
    const service = serviceNamed(request.service, specs);
    const place = { file: request.file, dir: dirname(request.file) };
    const code = request.isAlone ? 0 : await bringUpNeeds(service, specs, place, ports, stop);
    if (code !== 0) return code;
    const spec = oneOff(service, request, tty);
    const docker = await ports.docker();
    await ensureParts(spec, docker.engine, () => {}, stop);
    const id = await made(spec, docker, ports, stop);
    try {
      return await carriedOut(id, tty, docker, stop);
    } finally {
      if (!request.isKept) await docker.engine.remove(id, true, AbortSignal.timeout(10_000));
    }
  });

/** Neither its ports nor its restarts: a one-off runs beside the service. */
function oneOff(spec: ComposeSpec, { cmd, variables, user, dir }: RunRequest, tty: boolean): ComposeSpec {
  const { ports: _, restart: __, container_name: ___, healthcheck: ____, ...config } = spec.config;
  const given = variables.map((text): [string, string | null] => {
    const at = text.indexOf('=');
    return at < 0 ? [text, null] : [text.slice(0, at), text.slice(at + 1)];
  });
  return {
    ...spec,
    config: {
      ...config,
      ...(cmd.length > 0 ? { command: cmd } : {}),
      ...(user ? { user } : {}),
      ...(dir ? { working_dir: dir } : {}),
      tty,
      stdin_open: true,
      environment: { ...config.environment, ...Object.fromEntries(given) },
    },
  };
}

async function made(spec: ComposeSpec, docker: DockerPort, ports: Ports, stop: AbortSignal): Promise<string> {
  const image = await docker.image(spec.image);
  if (!image)
    throw new ProblemError({
      kind: 'yours',
      code: 'S375',
      what: `${spec.name}: the image ${spec.image} is not there`,
      hint: spec.config.build ? 'sluice up builds it' : 'sluice pull gets it',
      at: spec.at,
    });
  const name = `${spec.compose.name}-${spec.service}-run-${randomBytes(6).toString('hex')}`;
  const others = await othersOf(spec, docker.engine, stop);
  const recipe = { spec, number: 1, name, imageId: image.id, before: null, others, isOneOff: true };
  return makeContainer(name, recipe, { docker, ports, stop });
}

/** Attached before it starts: nothing it says is missed. */
async function carriedOut(id: string, tty: boolean, docker: DockerPort, stop: AbortSignal): Promise<number> {
  const stream = await docker.engine.attach(id, tty, stop);
  await docker.engine.start(id, stop);
  return passedOn(stream, tty, docker.engine.wait(id, stop));
}
