// feed/*: one part that broke and is started again; what it had under way is not there any more.
import type { Action } from '../../model/fact.ts';
import type { WatchedKind } from '../../model/ports.ts';
import type { Health } from '../../model/public-state.ts';
import type { EngineState, Removal } from '../../model/state.ts';

export function feedFact(state: EngineState, fact: Extract<Action, { type: `feed/${string}` }>): EngineState {
  if (fact.type === 'feed/healthy')
    return { ...state, feeds: { ...state.feeds, [fact.feed]: { ok: true, status: 'ok' } } };
  return feedFailed(state, fact);
}

function feedFailed(state: EngineState, fact: Extract<Action, { type: 'feed/failed' }>): EngineState {
  const next = { ...state, feeds: { ...state.feeds, [fact.feed]: failing(fact.problem, fact.retryAt) } };
  // Its watcher went with the burst that was settling; the new one says when it has looked at everything.
  if (fact.feed === 'files') return { ...next, files: { ...next.files, watching: false, settling: false } };
  const [feed, name] = fact.feed.split(/\/(.*)/s);
  if (feed === 'builds' && name !== undefined)
    return {
      ...next,
      removals: mapped(next.removals, (removal, of) => (of === name ? { ...removal, after: null } : removal)),
    };
  if (fact.feed === 'builds')
    return { ...next, removals: mapped(next.removals, (removal) => ({ ...removal, after: null })) };
  return next;
}

/** What is watched there is not heard of either, whatever the last word of it was. */
export function clusterGone(state: EngineState, health: Health): EngineState {
  const feeds = Object.entries(state.feeds).map(([name, feed]): [string, Health] =>
    feed.ok && watchedKinds.has(name.slice(0, name.indexOf('/')))
      ? [name, failing(health.problem, null)]
      : [name, feed],
  );
  return { ...state, feeds: Object.fromEntries(feeds), cluster: { ...health, info: state.cluster.info } };
}

const watchedKinds: ReadonlySet<string> = new Set<WatchedKind>([
  'pods',
  'services',
  'events',
  'endpointslices',
  'deployments',
  'statefulsets',
  'daemonsets',
  'replicasets',
  'replicationcontrollers',
  'jobs',
]);

export const mapped = (
  removals: EngineState['removals'],
  change: (removal: Removal, name: string) => Removal,
): EngineState['removals'] =>
  Object.fromEntries(Object.entries(removals).map(([name, removal]) => [name, change(removal, name)]));

export const failing = (problem: Health['problem'], retryAt: number | null): Health => ({
  ok: false,
  status: 'failing',
  ...(problem ? { problem } : {}),
  ...(retryAt === null ? {} : { retryAt }),
});
