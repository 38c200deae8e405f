// What was concluded about a resource stands as long as the resource and all that it was concluded from are the same: a turn
// costs what it touched, not what there is.
import type { EngineState, ResourceState } from '../../model/state.ts';
import { listed, replaced } from '../resources/resource-list.ts';

type Conclude = (resource: ResourceState, name: string) => ResourceState;

/** All that runtimes and refills are read from, besides the resource; of local resources nothing is. */
const outside = (state: EngineState) => [
  state.pods,
  state.workloads,
  state.endpoints,
  state.services,
  state.ledgers,
  state.trials,
  state.images,
  state.config.current,
  state.options,
  state.cluster,
  state.feeds,
];

type Outside = ReturnType<typeof outside>;

/** Remembers of whom it was concluded that nothing is new, and from what. */
export interface Settled {
  readonly list: (ResourceState | null)[];
  outside: Outside;
}

export const nothingSettled = (): Settled => ({ list: [], outside: [] as unknown as Outside });

/** State with what `conclude` makes of each resource, asked again only where it might answer otherwise than that nothing is new. */
export function concluded(settled: Settled, state: EngineState, conclude: Conclude): EngineState {
  const now = outside(state);
  const isSame = settled.outside.length > 0 && now.every((part, i) => part === settled.outside[i]);
  settled.outside = now;
  const list = listed(state);
  const changed: ResourceState[] = [];
  settled.list.length = list.length;
  for (let place = 0; place < list.length; place++) {
    const before = list[place] as ResourceState;
    if (settled.list[place] === before && (isSame || before.spec.kind === 'local')) continue;
    const after = conclude(before, before.spec.name);
    settled.list[place] = after === before && !isTimed(before) ? before : null;
    if (after !== before) changed.push(after);
  }
  return replaced(state, changed);
}

/** Time alone changes it: see limits.podMendMs. */
const isTimed = ({ runtime }: ResourceState): boolean => runtime.status === 'failed' && runtime.mends === 'waits';
