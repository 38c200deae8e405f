// What was updated is told to those that need it, by the policies of their needs.
import { sharesWith } from '../../model/compose/sharing.ts';
import type { Need } from '../../model/config.ts';
import type { Work } from '../../model/run.ts';
import type { EngineState, ResourceState } from '../../model/state.ts';
import { lookup } from '../../model/text/lookup.ts';
import { ask, withResource } from '../resources/resource.ts';
import { those } from '../resources/those.ts';

const dependentsIn = those(
  (resource: ResourceState) => resource.enabled && resource.spec.needs.length > 0 && wasBroughtUp(resource),
);

/** With what it needed as that was before: by now, or in a moment. */
const wasBroughtUp = ({ update: { hasSucceeded, now } }: ResourceState): boolean =>
  hasSucceeded || (now.is === 'running' && now.run.half !== 'build') || (now.is === 'wanted' && isWhole(now.work));

const isWhole = (work: Work): boolean => work.kind === 'local' || work.half !== 'build';

/**
 * Edges with `rerun` build the dependent again, `restart` only starts it again, and so is started again what shares something
 * with a container; all after the dependent's first start alone. `since`: when the update was wanted that they follow from.
 */
export function dependentsTold(state: EngineState, name: string, since: number): EngineState {
  let next = state;
  const updated = lookup(state.resources, name);
  for (const resource of dependentsIn(state)) {
    const other = resource.spec.name;
    const needs = resource.spec.needs.filter((n) => n.name === name);
    if (needs.length === 0) continue;
    const has = (update: Need['update']): boolean => needs.some((need) => need.update === update);
    if (has('rerun')) next = withResource(next, other, (r) => ask(r, 'needs', `${name} was updated`, since));
    const isLasting = resource.spec.kind !== 'local' || resource.spec.serve !== null;
    if (isLasting && (has('restart') || (updated && sharesWith(resource.spec, updated.spec))))
      next = withResource(next, other, (r) => ({ ...r, update: { ...r.update, wantsRestart: true } }));
  }
  return next;
}
