// `exec`: a command in the running container of a service, this terminal passed on and its code the exit code.
import { composeLabels } from '../../model/compose/names.ts';
import type { ComposeSpec } from '../../model/config.ts';
import type { ExecOptions, Ports } from '../../model/ports.ts';
import { ProblemError } from '../../model/problems/problem.ts';
import { containersOf } from '../../update/compose/service-containers.ts';
import { type OfServices, serviceNamed, withServices } from '../service/services.ts';
import { passedOn, wantsTerminal } from '../service/terminal.ts';

export interface ExecRequest extends OfServices {
  readonly service: string;
  readonly cmd: readonly string[];
  /** Of its replicas, from 1. */
  readonly index: number | null;
  /** Without a terminal, also where there is one. */
  readonly isPlain: boolean;
  readonly isInteractive: boolean;
  /** Left to itself once it has started. */
  readonly isDetached: boolean;
  readonly options: ExecOptions;
}

export const execIn = (request: ExecRequest): Promise<number> =>
  withServices({ ...request, services: [request.service] }, (specs, ports, stop, config) =>
    carriedOut(serviceNamed(request.service, specs, config), request, ports, stop),
  );

async function carriedOut(
  spec: ComposeSpec,
  { cmd, index, isPlain, isInteractive, isDetached, options }: ExecRequest,
  ports: Ports,
  stop: AbortSignal,
): Promise<number> {
  const docker = await ports.docker();
  const there = await containersOf(spec.compose.name, spec.service, docker.engine, stop);
  const running = there
    .filter(
      ({ state, labels }) => state === 'running' && (index === null || labels[composeLabels.number] === `${index}`),
    )
    .toSorted((a, b) => a.createdAt - b.createdAt);
  const [container] = running;
  if (!container)
    throw new ProblemError({
      kind: 'yours',
      code: 'S377',
      what: `${spec.name} has no running container${index === null ? '' : ` number ${index}`}`,
      hint: 'sluice up starts it',
    });
  const tty = wantsTerminal(isPlain);
  const all = isDetached ? { ...options, detached: true } : { ...options, stdin: isInteractive, tty };
  const stream = await docker.exec(container.id, cmd, all, stop);
  return (await passedOn(stream, { isTerminal: tty, isInteractive }, stream.exit)).code;
}
