// removal/*, restart/*: what has to leave the cluster, and pods that were deleted to be made anew.
import { composeNamespace } from '../../model/compose/names.ts';
import type { ComposeSpec, Config, ObjectRef } from '../../model/config.ts';
import type { Action } from '../../model/fact.ts';
import { objectRef } from '../../model/manifests.ts';
import type { Pod } from '../../model/pods/pod.ts';
import type { Outcome } from '../../model/run.ts';
import type { EngineState, Removal, ResourceState } from '../../model/state.ts';
import { lookup } from '../../model/text/lookup.ts';
import { namespaceOf } from '../reach.ts';
import { deployOf, withDeploy, withResource } from '../resources/resource.ts';
import { currentRun } from '../resources/run.ts';
import { failing } from './feeds.ts';

/**
 * What this resource has in the cluster, null for nothing. A run that had begun to deploy may have applied any of its objects.
 * What another resource of `config` names now is handed over, not taken down.
 */
export function removalOf(
  state: EngineState,
  resource: ResourceState,
  because: Removal['because'],
  config: Config | null,
): Removal | null {
  const {
    spec,
    update: { last },
  } = resource;
  const deployed = deployOf(resource)?.result ?? null;
  const run = currentRun(resource);
  const hasBegun = run !== null || (last?.steps.some(({ step }) => step === 'deploy') ?? false);
  if (spec.kind === 'compose') return hasBegun || deployed ? serviceRemoval(resource, spec, because) : null;
  if (spec.kind !== 'kubernetes') return null;
  const namespace = namespaceOf(state);
  const applied = hasBegun ? spec.objects.map(({ object }) => objectRef(object, namespace)) : [];
  const claimed = config ? claims(config, spec.name, namespace) : [];
  const objects = [...(deployed?.objects ?? []), ...applied].filter(
    (ref, i, all) => all.findIndex((other) => isSame(other, ref)) === i && !claimed.some((other) => isSame(other, ref)),
  );
  if (objects.length === 0) return null;
  const empty = { templates: [], namespace, alreadyDone: false, images: {} };
  const needs = spec.needs.map(({ name }) => name);
  return { deployed: { ...(deployed ?? empty), objects }, needs, because, after: run?.id ?? null };
}

function serviceRemoval(resource: ResourceState, spec: ComposeSpec, because: Removal['because']): Removal {
  const namespace = composeNamespace(spec.compose.name);
  return {
    deployed: deployOf(resource)?.result ?? { objects: [], templates: [], namespace, alreadyDone: false, images: {} },
    needs: spec.needs.map(({ name }) => name),
    because,
    after: currentRun(resource)?.id ?? null,
    compose: spec,
  };
}

/** Objects that other resources of this configuration name. */
const claims = (config: Config, except: string, namespace: string): readonly ObjectRef[] =>
  Object.values(config.resources).flatMap((spec) =>
    spec.kind === 'kubernetes' && spec.name !== except
      ? spec.objects.map(({ object }) => objectRef(object, namespace))
      : [],
  );

/** Objects that moved to another resource of the new configuration are no longer this one's to delete. */
export function withoutClaimed(state: EngineState, resource: ResourceState, config: Config): ResourceState {
  const { spec } = resource;
  const deployed = deployOf(resource)?.result;
  if (!deployed) return resource;
  const claimed = claims(config, spec.name, namespaceOf(state));
  const objects = deployed.objects.filter((ref) => !claimed.some((other) => isSame(other, ref)));
  return objects.length === deployed.objects.length
    ? resource
    : withDeploy(resource, { result: { ...deployed, objects } });
}

const groupOf = (apiVersion: string): string => (apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '');

/** Manifests of cluster-wide objects may carry a namespace that means nothing: the deployed ones have none. */
const isSame = (a: ObjectRef, b: ObjectRef): boolean =>
  a.kind === b.kind &&
  a.name === b.name &&
  groupOf(a.apiVersion) === groupOf(b.apiVersion) &&
  (a.namespace === b.namespace || a.namespace === null || b.namespace === null);

/** The run that a removal waits for has ended: what it deployed after all goes too. */
export function withRunOver(state: EngineState, name: string, run: string, outcome: Outcome): EngineState {
  const removal = lookup(state.removals, name);
  if (removal?.after !== run) return state;
  const late = outcome.is === 'ok' ? (outcome.result.deployed?.objects ?? []) : [];
  const objects = [
    ...removal.deployed.objects,
    ...late.filter((ref) => !removal.deployed.objects.some((other) => isSame(other, ref))),
  ];
  const deployed = { ...removal.deployed, objects };
  return { ...state, removals: { ...state.removals, [name]: { ...removal, deployed, after: null } } };
}

export function removalEnded(state: EngineState, fact: Extract<Action, { type: 'removal/ended' }>): EngineState {
  const { [fact.resource]: removal, ...removals } = state.removals;
  const gone = fact.problem ? [] : podsOf(state, removal);
  return { ...withoutPods(state, gone), removals, feeds: told(state, 'removals', fact.problem) };
}

/** Of a Compose service that was taken down. */
const podsOf = ({ pods }: EngineState, removal: Removal | undefined): readonly string[] =>
  Object.values(pods)
    .filter(
      ({ compose }) =>
        compose?.project === removal?.compose?.compose.name && compose?.service === removal?.compose?.service,
    )
    .flatMap(({ uid, compose }) => (compose ? [uid] : []));

/** Deleted pods no longer count, also before the cluster says so: what runs is on its way out. */
export function withoutPods(state: EngineState, uids: readonly string[]): EngineState {
  if (uids.length === 0) return state;
  const pods: Record<string, Pod> = { ...state.pods };
  for (const uid of uids) {
    const pod = lookup(pods, uid);
    if (pod) pods[uid] = { ...pod, deleting: true };
  }
  return { ...state, pods };
}

export function restartEnded(state: EngineState, fact: Extract<Action, { type: 'restart/ended' }>): EngineState {
  const next = { ...withoutPods(state, fact.pods), feeds: told(state, 'restarts', fact.problem) };
  return withResource(next, fact.resource, (r) => withDeploy(r, { restarting: false }));
}

/** A failure is shown until the next one of its kind succeeds. */
function told(state: EngineState, feed: string, problem: Parameters<typeof failing>[0] | null): EngineState['feeds'] {
  if (problem) return { ...state.feeds, [feed]: failing(problem, null) };
  return lookup(state.feeds, feed)?.ok === false ? { ...state.feeds, [feed]: { ok: true, status: 'ok' } } : state.feeds;
}
