// Containers whose lines may be asked for.
import { listed } from '../../engine/resources/resource-list.ts';
import { podsByResource } from '../../engine/runtime/runtime.ts';
import type { EngineState } from '../../model/state.ts';

/** Names of those of these resources, of all where none is named; null where nothing is known yet of some that are to come. */
export function containersIn(state: EngineState, names: readonly string[]): readonly string[] | null {
  const pods = podsByResource(state);
  const asked = listed(state).filter(({ spec }) => names.length === 0 || names.includes(spec.name));
  const known = new Set<string>();
  for (const { kind, spec } of asked) {
    const own = pods.get(spec.name) ?? [];
    if (kind !== 'local' && own.length === 0) return null;
    for (const pod of own) for (const { name } of pod.containers) known.add(name);
  }
  return [...known];
}
