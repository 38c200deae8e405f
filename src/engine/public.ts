// EngineState → what views and the stream show. Unchanged resources keep their identity, so that a diff is O(changed).

import { urlOfForward } from '../model/hosts/address.ts';
import { limits } from '../model/limits.ts';
import type { Pod } from '../model/pods/pod.ts';
import type { Problem } from '../model/problems/problem.ts';
import type { Health, PublicResource, PublicRun, PublicState, UpdateStatus } from '../model/public-state.ts';
import type { EngineState, KubernetesState, ResourceState, RunState } from '../model/state.ts';
import { lookup } from '../model/text/lookup.ts';
import { liveEverywhere } from './plan/fresh.ts';
import { medianRun } from './plan/stale.ts';
import { eventsOf, serverOf } from './resources/resource.ts';
import { listed, listing, placesChanged } from './resources/resource-list.ts';
import { currentRun, isRunning } from './resources/run.ts';
import { isCancelled, wantsRun } from './resources/want.ts';
import { isAnothers, matches } from './runtime/pod-owner.ts';
import { podsByResource } from './runtime/runtime.ts';
import { orphansTold } from './runtime/service-orphans.ts';
import { toldEvents } from './runtime/told-events.ts';

/** At most `count` lines of what a resource, or one container of it, said at the end: what a runtime problem shows. */
export type TailOf = (resource: string, of: Problem['of'], count: number) => readonly string[];

const noPods: readonly Pod[] = [];
const health = (known: Health): Health => ({
  ok: known.ok,
  status: known.status,
  ...(known.problem ? { problem: known.problem } : {}),
  ...(known.retryAt === undefined ? {} : { retryAt: known.retryAt }),
});

interface Before {
  readonly state: EngineState;
  readonly list: readonly ResourceState[];
  readonly pods: ReadonlyMap<string, readonly Pod[]>;
  readonly shown: PublicState;
}

/** A selector with memory of its last answer only; what did not change is not made anew. */
export function publicStates(tailOf: TailOf): (state: EngineState) => PublicState {
  let before: Before | null = null;
  return (state) => {
    if (before?.state === state) return before.shown;
    const pods = podsByResource(state);
    const list = listed(state);
    const shown = wholeState(state, publicResources(state, list, pods, before, tailOf));
    before = { state, list, pods, shown };
    return shown;
  };
}

/** The same table as before where nothing in it changed. */
function publicResources(
  state: EngineState,
  list: readonly ResourceState[],
  pods: ReadonlyMap<string, readonly Pod[]>,
  before: Before | null,
  tailOf: TailOf,
): PublicState['resources'] {
  const isSameOrder = before?.state.order === state.order;
  const isQuiet = isSameOrder && before.state.services === state.services && before.pods === pods;
  const shown = isSameOrder ? [...listed(before.shown)] : [];
  let isNew = !isSameOrder;
  for (const place of isQuiet ? placesChanged(before.list, list) : list.keys()) {
    const resource = list[place] as ResourceState;
    const { name } = resource.spec;
    const own = pods.get(name) ?? noPods;
    const known = before && isShownAs(before, state, resource, own) ? lookup(before.shown.resources, name) : undefined;
    if (known && isSameOrder) continue;
    shown[place] = known ?? publicResource(state, name, resource, own, tailOf);
    isNew = true;
  }
  return isNew ? listing(state.order, shown) : (before?.shown.resources ?? {});
}

/** Nothing that is read for it is other than before. */
const isShownAs = (
  before: Before,
  { services }: EngineState,
  resource: ResourceState,
  own: readonly Pod[],
): boolean => {
  const { kind, name } = resource.spec;
  if (lookup(before.state.resources, name) !== resource) return false;
  return kind === 'local' || (before.state.services === services && samePods(before.pods.get(name) ?? noPods, own));
};

const samePods = (a: readonly Pod[], b: readonly Pod[]): boolean =>
  a === b || (a.length === b.length && a.every((pod, i) => pod === b[i]));

function wholeState(state: EngineState, resources: PublicState['resources']): PublicState {
  return {
    phase: state.phase === 'stopped' ? 'draining' : state.phase,
    idle: state.isIdle,
    changes: { seen: state.changes.seen, live: liveEverywhere(state) },
    config: {
      ok: state.config.problems.length === 0,
      problems: [...state.config.problems, ...(state.config.current?.warnings ?? []), ...orphansTold(state)],
    },
    docker: health(state.docker),
    cluster: {
      ...health(state.cluster),
      context: state.cluster.info?.context ?? state.options.context ?? '',
      namespace:
        state.options.namespace ?? state.config.current?.kubernetes?.namespace ?? state.cluster.info?.namespace ?? '',
    },
    feeds: state.feeds,
    resources,
    order: state.order,
    git: state.git,
  };
}

function publicResource(
  state: EngineState,
  name: string,
  resource: ResourceState,
  pods: readonly Pod[],
  tailOf: TailOf,
): PublicResource {
  const { spec } = resource;
  return {
    name,
    kind: spec.kind,
    labels: spec.labels,
    enabled: resource.enabled,
    trigger: resource.trigger,
    update: publicUpdate(resource),
    runtime: publicRuntime(resource, pods, tailOf),
    pending: Object.keys(resource.changes.pending).slice(0, limits.pendingPaths),
    changes: {
      seen: resource.changes.seen,
      live: Math.min(resource.changes.live, resource.changes.seen),
      behind: savesBehind(resource),
    },
    endpoints: endpoints(state, resource, pods),
    logs: resource.logs,
    needs: spec.needs,
    history: resource.update.history.map(publicRun),
    events: eventsOf(resource),
    forwards: Object.entries(forwardsOf(resource)).map(([local, forward]) => ({
      local,
      to: forward.to,
      status: forward.status,
      ...(forward.problem ? { problem: forward.problem } : {}),
    })),
    at: spec.at,
  };
}

function updateStatus(resource: ResourceState): UpdateStatus {
  if (isRunning(resource)) return 'running';
  if (resource.update.hold) return 'held';
  if (
    wantsRun(resource) ||
    (resource.enabled && resource.changes.seen > Math.max(resource.changes.contained, resource.changes.given))
  )
    return 'pending';
  return isCancelled(resource) ? 'cancelled' : (resource.update.last?.outcome ?? 'none');
}

function publicUpdate(resource: ResourceState): PublicResource['update'] {
  const status = updateStatus(resource);
  // Between the plan and its first sign of life a run is known by what was planned.
  const { now } = resource.update;
  const planned = now.is === 'wanted' ? now.work : null;
  const underWay = currentRun(resource);
  const run = planned ? null : (underWay ?? resource.update.last);
  const estimate = medianRun(resource);
  const step = underWay?.steps.at(-1)?.step;
  const hold =
    status === 'pending' && resource.trigger === 'manual' ? { reason: 'manual', on: [] } : resource.update.hold;
  return {
    status,
    why: planned?.why ?? run?.why ?? [],
    ...(planned ? { run: planned.run } : {}),
    ...(hold ? { hold } : {}),
    ...(run ? { run: run.id, startedAt: run.startedAt } : {}),
    ...(run?.strategy ? { strategy: run.strategy } : {}),
    ...(step ? { step } : {}),
    ...(underWay?.progress ? { progress: underWay.progress } : {}),
    ...(run?.endedAt ? { endedAt: run.endedAt } : {}),
    ...(estimate === null ? {} : { estimate }),
    ...(run?.problem ? { problem: run.problem } : {}),
  };
}

function publicRuntime(resource: ResourceState, pods: readonly Pod[], tailOf: TailOf): PublicResource['runtime'] {
  const { runtime } = resource;
  const server = serverOf(resource);
  return {
    status: runtime.status,
    text: runtime.text,
    restarts: server ? server.restarts : pods.reduce((sum, pod) => sum + pod.restarts, 0),
    pods: pods.map((pod) => ({
      name: pod.name,
      status: pod.status,
      ready: pod.ready,
      restarts: pod.restarts,
      createdAt: pod.createdAt,
      containers: pod.containers.map(({ name: container, ready, state, restarts }) => ({
        name: container,
        ready,
        state,
        restarts,
      })),
    })),
    since: runtime.since,
    ...(server?.process?.pid ? { pid: server.process.pid } : {}),
    ...(runtime.problem ? { problem: withTail(runtime.problem, resource, tailOf) } : {}),
  };
}

/** Its own last words, then what the cluster said about it. */
function withTail(problem: Problem, resource: ResourceState, tailOf: TailOf): Problem {
  const events = toldEvents(resource, problem);
  const words = tailOf(
    resource.spec.name,
    problem.of,
    limits.problemLogLines - events.length - (problem.logTail?.length ?? 0),
  );
  // What it was told with comes first: a probe's words.
  const logTail = [...(problem.logTail ?? []), ...words, ...events].slice(0, limits.problemLogLines);
  return logTail.length > 0 ? { ...problem, logTail } : problem;
}

const publicRun = (run: RunState): PublicRun => ({
  run: run.id,
  cause: run.cause,
  why: run.why,
  strategy: run.strategy,
  files: run.files,
  startedAt: run.startedAt,
  endedAt: run.endedAt,
  outcome: run.outcome,
  steps: run.steps.map(({ step, ms }, i) => {
    const isLast = i === run.steps.length - 1;
    return {
      step,
      ms,
      ...(isLast && (run.outcome === 'failed' || run.outcome === 'cancelled') ? { ended: run.outcome } : {}),
    };
  }),
  ...(run.problem ? { problem: run.problem } : {}),
});

/** Saves of this resource that are not running yet: change ids count over all resources, their difference would say more. */
function savesBehind({ changes: { pending, live, seen } }: ResourceState): number {
  if (live >= seen) return 0;
  const waiting = new Set(
    Object.values(pending)
      .map(({ change }) => change)
      .filter((change) => change > live),
  );
  return Math.max(1, waiting.size);
}

const forwardsOf = (resource: ResourceState): KubernetesState['forwards'] =>
  resource.kind === 'kubernetes' ? resource.forwards : {};

/** Links of the config, open port-forwards, and the URLs of services that select this resource's pods. */
function endpoints(state: EngineState, resource: ResourceState, pods: readonly Pod[]): readonly string[] {
  const forwards = Object.entries(forwardsOf(resource))
    .filter(([, forward]) => forward.status === 'listening')
    .map(([local, { to }]) => urlOfForward(local, Number(to.slice(to.lastIndexOf(':') + 1)) || null));
  const services = Object.values(state.services)
    .filter(
      (service) =>
        !isAnothers(state, service) &&
        pods.some((pod) => pod.namespace === service.namespace && matches(service.selector, pod.labels)),
    )
    .flatMap((service) => service.urls);
  const published = pods.flatMap((pod) => pod.compose?.urls ?? []);
  // A link that says the same as a forward is shown once, as it was written.
  const byPlace = new Map(
    [...published, ...services, ...forwards, ...resource.spec.links].map((url) => [url.replace(/\/$/, ''), url]),
  );
  return [...byPlace.values()].reverse();
}
