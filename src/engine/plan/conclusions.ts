// What was concluded about a resource stands as long as the resource and all that it was concluded from are the same: a turn
// costs what it touched, not what there is.
import type { EngineState, ResourceState } from '../../model/state.ts';
import { lookup } from '../../model/text/lookup.ts';
import { listed, replaced } from '../resources/resource-list.ts';

type Conclude = (resource: ResourceState, name: string) => ResourceState;

/** All that runtimes and refills are read from, besides the resource and its images; of local resources nothing is. */
const outside = (state: EngineState) => [
  state.pods,
  state.workloads,
  state.endpoints,
  state.services,
  state.ledgers,
  state.trials,
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
  images: EngineState['images'];
}

export const nothingSettled = (): Settled => ({ list: [], outside: [] as unknown as Outside, images: {} });

/** State with what `conclude` makes of each resource, asked again only where it might answer otherwise than that nothing is new. */
export function concluded(settled: Settled, state: EngineState, conclude: Conclude): EngineState {
  const now = outside(state);
  const isSame = settled.outside.length > 0 && now.every((part, i) => part === settled.outside[i]);
  settled.outside = now;
  const others = otherImages(settled.images, state.images);
  settled.images = state.images;
  const list = listed(state);
  const changed: ResourceState[] = [];
  settled.list.length = list.length;
  for (let place = 0; place < list.length; place++) {
    const before = list[place] as ResourceState;
    if (settled.list[place] === before && (before.spec.kind === 'local' || (isSame && !usesAny(before, others))))
      continue;
    const after = conclude(before, before.spec.name);
    settled.list[place] = after === before && !isTimed(before) ? before : null;
    if (after !== before) changed.push(after);
  }
  return replaced(state, changed);
}

/** Each run brings an image: what others deploy is none the other for it. */
function otherImages(before: EngineState['images'], after: EngineState['images']): ReadonlySet<string> {
  const refs = before === after ? [] : [...Object.keys(before), ...Object.keys(after)];
  return new Set(refs.filter((ref) => lookup(before, ref) !== lookup(after, ref)));
}

const usesAny = ({ spec }: ResourceState, images: ReadonlySet<string>): boolean =>
  images.size > 0 && spec.kind !== 'local' && spec.images.some((ref) => images.has(ref));

/** Time alone changes it: see limits.podMendMs. */
const isTimed = ({ runtime }: ResourceState): boolean => runtime.status === 'failed' && runtime.mends === 'waits';
