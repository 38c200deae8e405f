// What was concluded about a resource stands as long as the resource and all that it was concluded from are the same: a turn
// costs what it touched, not what there is.
import type { EngineState, ResourceState } from '../model/state.ts';

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
type Question = 'runtime' | 'refills';

const concluded: Readonly<Record<Question, WeakMap<ResourceState, Outside>>> = {
  runtime: new WeakMap(),
  refills: new WeakMap(),
};

/** `conclude`, asked again only where it might answer otherwise than that nothing is new. */
export function settledOnce(question: Question, state: EngineState, conclude: Conclude): Conclude {
  const now = outside(state);
  const settled = concluded[question];
  return (resource, name) => {
    const then = settled.get(resource);
    if (then && (resource.spec.kind === 'local' || isSame(then, now))) return resource;
    const next = conclude(resource, name);
    if (next === resource && !isTimed(resource)) settled.set(resource, now);
    return next;
  };
}

const isSame = (then: Outside, now: Outside): boolean => then.every((part, i) => part === now[i]);

/** Time alone changes it: see limits.podMendMs. */
const isTimed = ({ runtime }: ResourceState): boolean => runtime.status === 'failed' && runtime.mends === 'waits';
