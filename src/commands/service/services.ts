// A service of a Compose project that a command is about, with the Docker daemon that its containers are on.
import { dirname } from 'node:path';
import { unknownNames } from '../../config/unknown-name.ts';
import { exitCodes } from '../../engine/verdict.ts';
import type { ComposeSpec, Config, ResourceSpec } from '../../model/config.ts';
import type { Ports } from '../../model/ports.ts';
import { type Problem, ProblemError } from '../../model/problems/problem.ts';
import { lookup } from '../../model/text/lookup.ts';
import { complaint } from '../../session/end/complaint.ts';
import { loaded } from '../../sources/config-load.ts';
import { wire } from '../../wiring.ts';
import { interruptible } from '../interruptible.ts';

export interface OfServices {
  readonly file: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Those that are named: there whatever profiles are active. */
  readonly services?: readonly string[];
}

/** `act` is given the services of the configuration; its exit code is the command's. */
export const withServices = (
  { file, env, services = [] }: OfServices,
  act: (specs: readonly ComposeSpec[], ports: Ports, stop: AbortSignal, config: Config) => Promise<number>,
): Promise<number> =>
  interruptible(async (stop) => {
    const wired = wire({ file, env, context: null, namespace: null, dir: dirname(file), spills: false });
    try {
      const found = await loaded({ file, env, asked: { services } }, wired.ports, stop);
      if ('problems' in found) {
        for (const problem of found.problems) process.stderr.write(complaint(problem));
        return exitCodes.usage;
      }
      const specs = Object.values(found.config.resources).filter((spec) => spec.kind === 'compose');
      return await act(specs, wired.ports, stop, found.config);
    } finally {
      await wired.close();
    }
  });

/** Rejects with the nearest name where there is no such service, and with what it is where it is something else. */
export function serviceNamed(name: string, specs: readonly ComposeSpec[], { resources }: Config): ComposeSpec {
  const spec = lookup(Object.fromEntries(specs.map((each) => [each.name, each])), name);
  if (spec) return spec;
  const other = lookup(resources, name);
  if (other) throw new ProblemError(noService(other));
  const [problem] = unknownNames(
    [name],
    specs.map((each) => each.name),
  );
  throw new ProblemError(problem ?? { kind: 'yours', code: 'S652', what: `no service is called ${name}` });
}

const noService = (spec: ResourceSpec): Problem => ({
  kind: 'yours',
  code: 'S652',
  what: `${spec.name} is no service of Compose`,
  hint:
    spec.kind === 'kubernetes' && spec.workload
      ? `it runs in the cluster: kubectl exec ${spec.workload.kind.toLowerCase()}/${spec.workload.name} -- COMMAND`
      : 'it runs on this machine, in no container',
});
