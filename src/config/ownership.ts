// What a configuration that cannot be used says all the same: whose objects these are and where. Enough to take them down.
import type { Config } from '../model/config.ts';
import { isRecord, text } from '../model/manifests/workload.ts';
import { projectOf } from '../model/project.ts';

export type Said = Pick<Config, 'project' | 'kubernetes'>;

/** Null where what it says of these cannot be relied on. `place`: real path of its directory. */
export function saidIn(value: unknown, place: string): Said | null {
  if (!isRecord(value)) return null;
  const { project, kubernetes } = value;
  if (project !== undefined && text(project) === null) return null;
  if (kubernetes !== undefined && kubernetes !== null && !isRecord(kubernetes)) return null;
  return { project: projectOf(text(project), place), kubernetes: kubernetes ? kubernetesIn(kubernetes) : null };
}

function kubernetesIn(value: Readonly<Record<string, unknown>>): NonNullable<Said['kubernetes']> {
  const allow = Array.isArray(value.allow) ? value.allow.filter((name) => typeof name === 'string') : [];
  return {
    context: text(value.context),
    allow,
    namespace: text(value.namespace),
    registry: text(value.registry),
  };
}
