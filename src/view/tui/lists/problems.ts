// Everything that is wrong now, in one list: config first, then feeds, then resources in their order.
import type { Problem } from '../../../model/problems/problem.ts';
import type { Health, PublicResource, PublicState } from '../../../model/public-state.ts';
import { resourcesOf } from './rows.ts';

export interface Trouble {
  /** `sluice.yaml`, `docker`, or a resource's name. */
  readonly where: string;
  readonly resource: string | null;
  readonly problem: Problem;
}

function ofHealth(where: string, health: Health): readonly Trouble[] {
  return health.problem && !health.ok ? [{ where, resource: null, problem: health.problem }] : [];
}

function listed(state: PublicState | null): readonly Trouble[] {
  if (!state) return [];
  const found: Trouble[] = state.config.problems.map((problem) => ({ where: 'config', resource: null, problem }));
  found.push(...ofHealth('docker', state.docker), ...ofHealth('cluster', state.cluster));
  for (const [name, health] of Object.entries(state.feeds)) found.push(...ofHealth(name, health));
  return [...found, ...resourcesOf(state).flatMap(troublesWith)];
}

let last: { readonly state: PublicState | null; readonly troubles: readonly Trouble[] } = { state: null, troubles: [] };

/** The list for a state; a frame asks for it several times. */
export function troublesOf(state: PublicState | null): readonly Trouble[] {
  if (last.state !== state) last = { state, troubles: listed(state) };
  return last.troubles;
}

export function troublesWith(resource: PublicResource): readonly Trouble[] {
  const forwards = resource.forwards.map((forward) => forward.problem);
  const problems = [resource.update.problem, resource.runtime.problem, ...forwards].filter(
    (problem) => problem !== undefined,
  );
  return problems.map((problem) => ({ where: resource.name, resource: resource.name, problem }));
}

export const shortPath = (file: string, dir: string): string =>
  file.startsWith(`${dir}/`) ? file.slice(dir.length + 1) : file;

/** Where a problem is, as short as it can be said from `dir`. */
export function placeOf(problem: Problem, dir: string): string {
  if (!problem.at) return '';
  const { file, line, column } = problem.at;
  return `${shortPath(file, dir)}:${line}:${column}`;
}
