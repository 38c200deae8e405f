// Containers of a Compose project whose service its files do not name: what is left of one that was renamed or taken out.
import type { Config, Orphans } from '../../model/config.ts';
import type { Pod } from '../../model/pods/pod.ts';
import type { Problem } from '../../model/problems/problem.ts';
import type { EngineState } from '../../model/state.ts';

/** What is asked of it. */
type Asked = Pick<EngineState, 'pods' | 'config' | 'removals'>;

let last: { readonly of: readonly unknown[]; readonly orphans: readonly Pod[] } = { of: [], orphans: [] };

/** In the order of their names, those that are going included; without what this session takes down itself. */
export function serviceOrphans({ pods, config: { current }, removals }: Asked): readonly Pod[] {
  const of = [pods, current, removals];
  if (of.some((part, i) => part !== last.of[i])) last = { of, orphans: orphansIn({ pods, current, removals }) };
  return last.orphans;
}

function orphansIn({
  pods,
  current,
  removals,
}: Pick<Asked, 'pods' | 'removals'> & { readonly current: Asked['config']['current'] }): readonly Pod[] {
  const named = new Map<string, Set<string>>();
  for (const spec of Object.values(current?.resources ?? {})) {
    if (spec.kind !== 'compose') continue;
    const { name, inactive } = spec.compose;
    const services = named.get(name) ?? new Set(inactive);
    named.set(name, services.add(spec.service));
  }
  if (named.size === 0) return [];
  for (const { compose } of Object.values(removals)) if (compose) named.get(compose.compose.name)?.add(compose.service);
  return Object.values(pods)
    .filter(({ compose }) => compose && named.get(compose.project)?.has(compose.service) === false)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** What the variables of a project say of its orphans. */
export const orphansAre = (how: Orphans, config: Config | null): boolean =>
  Object.values(config?.resources ?? {}).some((spec) => spec.kind === 'compose' && spec.compose.orphans === how);

/** Told as long as they are there, unless nobody wants to hear of them. */
export function orphansTold(state: Asked & Pick<EngineState, 'options'>): readonly Problem[] {
  const orphans = serviceOrphans(state).filter(({ deleting }) => !deleting);
  if (orphans.length === 0 || orphansAre('ignored', state.config.current)) return [];
  const names = orphans.map(({ name }) => name).join(', ');
  return [
    {
      kind: 'yours',
      code: 'S380',
      what: `orphans: ${names}: no service of the Compose files has made ${orphans.length > 1 ? 'them' : 'it'}`,
      hint: "sluice up --remove-orphans takes them away, if they are nobody's any more",
    },
  ];
}
