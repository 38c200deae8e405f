// Who goes first where places are rare.
import type { ResourceState } from '../../model/state.ts';
import { waitsSince } from '../resources/want.ts';

/**
 * First runs go first: of them whoever has the longest chain behind (`src/engine/resources/chain.ts`); as long as the chains are
 * the same, local, then what belongs to no workload, then what needs no image, then as written. Later who has waited longest, so
 * that nobody starves; of those that began to wait together, again by their chains.
 */
export const byUrgency = (a: ResourceState, b: ResourceState): number =>
  rank(a) - rank(b) ||
  (isFirst(a) ? byChain(a, b) || kindRank(a) - kindRank(b) : 0) ||
  byWaiting(a, b) ||
  byChain(a, b);

const isFirst = ({ update: { asked } }: ResourceState): boolean => asked?.cause === 'first';

const rank = (resource: ResourceState): number => (isFirst(resource) ? 0 : resource.update.asked ? 1 : 2);

const byChain = (a: ResourceState, b: ResourceState): number => b.chain - a.chain;

const byWaiting = (a: ResourceState, b: ResourceState): number => waitsSince(a) - waitsSince(b);

function kindRank({ spec }: ResourceState): number {
  if (spec.kind === 'local') return 0;
  if (spec.name === 'uncategorized') return 1;
  return spec.images.length === 0 ? 2 : 3;
}
