// `doctor`: everything a session stands on, asked once, and how to mend what is wrong. Changes nothing.
import { dirname, join } from 'node:path';
import { scrubbedValue } from '../../logs/scrub/scrub-json.ts';
import type { Config } from '../../model/config.ts';
import type { Problem } from '../../model/problems/problem.ts';
import { loaded } from '../../sources/config-load.ts';
import { wire } from '../../wiring.ts';
import { builderChecks } from './builders.ts';
import { type Check, failed } from './check.ts';
import { clusterChecks } from './cluster.ts';
import { dockerChecks } from './docker.ts';
import { fileChecks } from './files.ts';
import { machineChecks } from './machine.ts';
import { programChecks } from './programs.ts';

export interface DoctorRequest {
  /** Absolute path of the configuration, or why there is none. */
  readonly file: string | Problem;
  readonly context: string | null;
  readonly namespace: string | null;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** In a fixed order; what the configuration does not need is not asked. */
export async function examine(request: DoctorRequest, stop: AbortSignal): Promise<readonly Check[]> {
  const { file } = request;
  const path = typeof file === 'string' ? file : join(process.cwd(), 'sluice.yaml');
  const wired = wire({ ...request, file: path, dir: dirname(path), spills: false });
  const { ports } = wired;
  try {
    const { config, checks } =
      typeof file === 'string'
        ? await configured({ ...request, file }, ports, stop)
        : { config: null, checks: [failed('configuration', file)] };
    wired.pin(config?.kubernetes?.context ?? null);
    const groups = await Promise.all([
      machineChecks(typeof file === 'string' ? file : null, request.env),
      checks,
      config ? programChecks(config, request.env) : [],
      config ? fileChecks(config) : [],
      dockerChecks(config, ports),
      config ? builderChecks(config, ports, stop) : [],
      clusterChecks(config, request, ports, stop),
    ]);
    const { scrub } = ports.logs;
    return groups.flat().map((check) => scrubbedValue(check, scrub));
  } finally {
    await wired.close();
  }
}

async function configured(
  request: DoctorRequest & { readonly file: string },
  ports: Parameters<typeof loaded>[1],
  stop: AbortSignal,
): Promise<{ readonly config: Config | null; readonly checks: readonly Check[] }> {
  const found = await loaded(request, ports, stop);
  if ('problems' in found)
    return { config: null, checks: found.problems.map((problem) => failed('configuration', problem)) };
  const { config } = found;
  const count = config.order.length;
  const what = `${config.file}: ${count} ${count === 1 ? 'resource' : 'resources'}`;
  return { config, checks: [{ name: 'configuration', status: 'ok', what }] };
}
