// Lifecycle hooks of a service: commands run in a container after its start and before its stop.
import type { ComposeHook } from '../../../model/compose.ts';
import type { ComposeSpec } from '../../../model/config.ts';
import { limits } from '../../../model/limits.ts';
import type { LogOrigin } from '../../../model/log.ts';
import type { DockerPort, Ports } from '../../../model/ports.ts';
import { ProblemError } from '../../../model/problems/problem.ts';
import { environmentOf } from './units.ts';

export interface Hooked {
  readonly spec: ComposeSpec;
  /** Where their output goes. */
  readonly origin: LogOrigin;
  readonly docker: DockerPort;
  readonly ports: Pick<Ports, 'logs' | 'now'>;
  readonly stop: AbortSignal;
}

/** In their order; one that fails ends the run. */
export async function runHooks(when: 'post_start' | 'pre_stop', container: string, hooked: Hooked): Promise<void> {
  for (const hook of hooked.spec.config[when] ?? []) await runHook(when, hook, container, hooked);
}

async function runHook(
  when: string,
  hook: ComposeHook,
  container: string,
  { spec, origin, docker, ports, stop }: Hooked,
): Promise<void> {
  const command = hook.command ?? [];
  if (command.length === 0) return;
  const { user, privileged, working_dir: dir } = hook;
  const options = {
    ...(user ? { user } : {}),
    ...(privileged ? { privileged } : {}),
    ...(dir ? { dir } : {}),
    env: environmentOf(hook.environment),
  };
  const stream = await docker.exec(container, command, options, stop);
  for (const output of [stream.stdout, stream.stderr])
    output.on('data', (chunk: Uint8Array) => ports.logs.write(origin, chunk, ports.now()));
  const { code } = await stream.exit.finally(() => ports.logs.end(origin, ports.now()));
  if (code === 0) return;
  throw new ProblemError({
    kind: 'step',
    code: 'S378',
    what: `${spec.service}: its ${when} hook ${command.join(' ')} ended with code ${code}`,
    hint: 'its output stands above',
    at: spec.at,
    logTail: ports.logs.tailText({ resources: [origin.resource], sources: [origin.source] }, limits.problemLogLines),
  });
}
