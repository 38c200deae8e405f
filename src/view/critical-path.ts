// The chain of needs that took longest: what to make faster first.
import type { PublicState } from '../model/public-state.ts';
import { lookup } from '../model/text/lookup.ts';

/** From the first to start to the last, with the sum of their durations in ms; empty without needs between resources. */
export function criticalPath(state: PublicState): { readonly names: readonly string[]; readonly ms: number } {
  const longest = new Map<string, { names: readonly string[]; ms: number }>();
  const upTo = (name: string): { names: readonly string[]; ms: number } => {
    const known = longest.get(name);
    if (known) return known;
    // Set first: a circle, which the config refuses, would not end.
    longest.set(name, { names: [], ms: 0 });
    const resource = lookup(state.resources, name);
    const before = (resource?.needs ?? [])
      .map((need) => upTo(need.name))
      .reduce((a, b) => (b.ms > a.ms ? b : a), { names: [] as readonly string[], ms: 0 });
    const path = { names: [...before.names, name], ms: before.ms + durationOf(state, name) };
    longest.set(name, path);
    return path;
  };
  const path = state.order.map(upTo).reduce((a, b) => (b.ms > a.ms ? b : a), { names: [] as readonly string[], ms: 0 });
  return path.names.length > 1 ? path : { names: [], ms: 0 };
}

/** From the start of the last run until it was ready, ms. */
export function durationOf(state: PublicState, name: string): number {
  const resource = lookup(state.resources, name);
  const { startedAt, endedAt } = resource?.update ?? {};
  if (startedAt === undefined || endedAt === undefined) return 0;
  const readyAt =
    resource?.runtime.status === 'ready' || resource?.runtime.status === 'done' ? (resource.runtime.since ?? 0) : 0;
  return Math.max(endedAt, readyAt) - startedAt;
}
