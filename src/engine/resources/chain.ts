// How long what waits for a resource takes after it: where places are rare, whoever has the longest chain behind goes first.
import type { Config, ResourceSpec } from '../../model/config.ts';
import { lookup } from '../../model/text/lookup.ts';

/** Name → ms that its first run took in earlier sessions, until it was ready. */
export type Took = Readonly<Record<string, number>>;

const uncategorized = 'uncategorized';

/**
 * The critical path from each resource on, itself included, in ms: the longest sum along those that need each other and start by
 * themselves. What nobody has timed counts as the median of the others; where nothing is timed, steps are counted. What belongs
 * to no workload carries all that is in the cluster: its chain is the longest of these.
 */
export function chainsOf({ resources, order }: Config, took: Took): ReadonlyMap<string, number> {
  const specs = order.flatMap((name) => lookup(resources, name) ?? []);
  const known = specs.flatMap(({ name }) => lookup(took, name) ?? []).sort((a, b) => a - b);
  const usual = known[known.length >> 1] ?? 1;
  const behind = new Map<string, number>();
  const chains = new Map<string, number>();
  let carried = 0;
  for (const spec of lastFirst(specs)) {
    const { name, start, needs, kind } = spec;
    const chain = (lookup(took, name) ?? usual) + (behind.get(name) ?? 0);
    chains.set(name, chain);
    if (!start) continue;
    if (kind === 'kubernetes') carried = Math.max(carried, chain);
    for (const need of needs) behind.set(need.name, Math.max(behind.get(need.name) ?? 0, chain));
  }
  if (chains.has(uncategorized)) chains.set(uncategorized, Math.max(carried, chains.get(uncategorized) ?? 0));
  return chains;
}

/** Each after all that need it. */
function lastFirst(specs: readonly ResourceSpec[]): readonly ResourceSpec[] {
  const left = new Map<string, number>(specs.map(({ name }) => [name, 0]));
  for (const { needs } of specs) for (const { name } of needs) left.set(name, (left.get(name) ?? 0) + 1);
  const byName = new Map(specs.map((spec) => [spec.name, spec]));
  const open = specs.filter(({ name }) => left.get(name) === 0);
  // Grows while it is gone through.
  for (const { needs } of open)
    for (const { name } of needs) {
      const others = (left.get(name) ?? 0) - 1;
      left.set(name, others);
      const spec = byName.get(name);
      if (others === 0 && spec) open.push(spec);
    }
  return open;
}
