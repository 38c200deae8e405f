// What was concluded about a resource stands as long as the resource and all that it was concluded from are the same: a turn
// costs what it touched, not what there is.
import type { EngineState, ResourceState } from '../../model/state.ts';
import { lookup } from '../../model/text/lookup.ts';
import { listed, placesChanged, replaced } from '../resources/resource-list.ts';

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

/** Of whom it was concluded that nothing is new, and from what. */
export interface Settled {
  list: readonly ResourceState[];
  /** Where time alone may say otherwise. */
  timed: readonly number[];
  outside: Outside;
  images: EngineState['images'];
}

export const nothingSettled = (): Settled => ({ list: [], timed: [], outside: [] as unknown as Outside, images: {} });

/** State with what `conclude` makes of each resource, asked again only where it might answer otherwise than that nothing is new. */
export function concluded(settled: Settled, state: EngineState, conclude: Conclude): EngineState {
  const [list, now, images] = [listed(state), outside(state), state.images];
  const changed: ResourceState[] = [];
  const timed: number[] = [];
  for (const place of toConclude(settled, { list, outside: now, images })) {
    const before = list[place] as ResourceState;
    const after = conclude(before, before.spec.name);
    if (after !== before) changed.push(after);
    else if (isTimed(before)) timed.push(place);
  }
  Object.assign(settled, { list, timed, outside: now, images } satisfies Settled);
  return replaced(state, changed);
}

function toConclude(settled: Settled, { list, outside, images }: Omit<Settled, 'timed'>): Iterable<number> {
  const news = new Set([...settled.timed, ...placesChanged(settled.list, list)].filter((place) => place < list.length));
  const isSame = settled.outside.length > 0 && outside.every((part, i) => part === settled.outside[i]);
  const others = otherImages(settled.images, images);
  if (isSame && others.size === 0) return news;
  for (const [place, resource] of list.entries())
    if (resource.spec.kind !== 'local' && (!isSame || usesAny(resource, others))) news.add(place);
  return news;
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
