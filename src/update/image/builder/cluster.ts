// BuildKit in the cluster: put there when first needed, found again later, one image always built by the same replica.
import { setTimeout as sleep } from 'node:timers/promises';
import { builderLimits, type ClusterBuilder, placedOn } from '../../../model/builds/builder.ts';
import type { KubeObject } from '../../../model/config.ts';
import { isPrivate } from '../../../model/hosts/private-host.ts';
import { builderLabel, builderReplicaLabel } from '../../../model/labels.ts';
import { limits } from '../../../model/limits.ts';
import { record } from '../../../model/manifests/workload.ts';
import { objectRef } from '../../../model/manifests.ts';
import type { BuilderPort } from '../../../model/ports/builder.ts';
import type { KubePort } from '../../../model/ports.ts';
import { problemCodes } from '../../../model/problems/code-names.ts';
import { isProblemError, ProblemError } from '../../../model/problems/problem.ts';
import { type ImageBuilding, tell } from '../build-scope.ts';
import { digestOf } from '../known/input-digest.ts';
import { type BuilderPlace, builderApp, builderObjects, portOf, replicaName } from './cluster-objects.ts';

/** `build` is called again, on another replica or on the new pod of its own, where the one it ran on was lost. */
export async function inClusterBuilder<T>(
  spec: ClusterBuilder,
  ref: string,
  building: ImageBuilding,
  build: (builder: BuilderPort) => Promise<T>,
): Promise<T> {
  const kube = await building.ports.kube();
  const place = placeOf(spec, building);
  const lost = new Set<string>();
  await ensured(spec, place, kube, building);
  for (;;) {
    const pod = await chosen(spec, place, ref, lost, kube, building);
    const called = `BuildKit in pod ${pod.name}`;
    const connect = (stop: AbortSignal) =>
      kube.dial({ namespace: place.namespace, name: pod.name }, portOf(spec, place.namespace, pod.replica), stop);
    try {
      const port = (await building.ports.buildkit()).over({ called, connect });
      await untilItAnswers(port, pod.uid, building.stop);
      tell(building, 'info', `${ref}: by ${called}`);
      return await build(port);
    } catch (error) {
      building.stop.throwIfAborted();
      const isLost =
        isProblemError(error) &&
        error.problem.kind === 'unavailable' &&
        error.problem.code !== problemCodes.registryOutOfReach;
      if (!isLost || lost.size > spec.replicas) throw error;
      tell(building, 'warn', `${ref}: ${called} was lost: it is built by another`);
      lost.add(pod.uid);
    }
  }
}

/** Pods that have answered once. */
const answered = new Set<string>();

/** A pod counts as ready as soon as its process runs, which may not listen yet. */
async function untilItAnswers(port: BuilderPort, uid: string, stop: AbortSignal): Promise<void> {
  const until = performance.now() + limits.dockerConnectMs;
  while (!answered.has(uid))
    try {
      await port.info(stop);
      answered.add(uid);
    } catch (error) {
      if (performance.now() > until) throw error;
      await sleep(builderLimits.lookMs, undefined, { signal: stop });
    }
}

export function placeOf(
  spec: ClusterBuilder,
  { work, destination }: Pick<ImageBuilding, 'work' | 'destination'>,
): BuilderPlace {
  const registry = destination.fromPods ?? destination.fromCluster;
  const host = registry?.split('/')[0] ?? '';
  return {
    namespace: spec.namespace ?? (work.kind === 'kubernetes' ? work.kubernetes.namespace : null) ?? 'default',
    registry,
    plainHttp: registry !== null && isPrivate(host),
  };
}

/** Once a session for each way it is asked for. What failed is tried again. */
const present = new WeakMap<KubePort, Map<string, Promise<void>>>();

function ensured(spec: ClusterBuilder, place: BuilderPlace, kube: KubePort, building: ImageBuilding): Promise<void> {
  const known = present.get(kube) ?? new Map<string, Promise<void>>();
  present.set(kube, known);
  const key = JSON.stringify([spec, place]);
  const found = known.get(key);
  if (found) return found;
  const made = applied(spec, place, kube, building.stop);
  known.set(key, made);
  made.catch(() => known.delete(key));
  return made;
}

async function applied(spec: ClusterBuilder, place: BuilderPlace, kube: KubePort, stop: AbortSignal): Promise<void> {
  const wanted = builderObjects(spec, place);
  for (const object of wanted) {
    const there = await kube.get(objectRef(object), stop);
    if (there && there.metadata.labels?.[builderLabel] !== builderApp)
      throw new ProblemError({
        kind: 'yours',
        code: 'S362',
        what: `${object.kind.toLowerCase()}/${object.metadata.name} in namespace ${place.namespace} was not made by sluice`,
        hint: 'name another namespace: builder: {cluster: {namespace: NAME}}',
      });
    // What a claim asks for cannot be changed.
    if (!there || object.kind !== 'PersistentVolumeClaim') await kube.apply(object, stop);
  }
  const names = new Set(wanted.map(({ metadata }) => metadata.name));
  for (const old of await kube.list('apps/v1', 'Deployment', place.namespace, `${builderLabel}=${builderApp}`, stop))
    if (!names.has(old.metadata.name)) await kube.delete(objectRef(old), stop);
}

interface BuilderPod {
  readonly name: string;
  readonly uid: string;
  readonly replica: number;
}

/** Of those that run the one of this image; waited for while there is none. */
async function chosen(
  spec: ClusterBuilder,
  { namespace }: BuilderPlace,
  ref: string,
  lost: ReadonlySet<string>,
  kube: KubePort,
  building: ImageBuilding,
): Promise<BuilderPod> {
  const until = performance.now() + builderLimits.readyMs;
  let isTold = false;
  for (;;) {
    const pods = await kube.list('v1', 'Pod', namespace, `${builderLabel}=${builderApp}`, building.stop);
    const running = pods.filter(isReady).flatMap((pod) => podOf(pod, spec) ?? []);
    const left = running.filter(({ uid }) => !lost.has(uid));
    const name = placedOn(
      ref,
      left.map((pod) => replicaName(pod.replica)),
      digestOf,
    );
    const pod = left.find(({ replica }) => replicaName(replica) === name);
    if (pod) return pod;
    if (performance.now() > until) throw new ProblemError(notStarted(namespace, pods));
    if (!isTold) building.say.step(`build ${ref}`, 'waits for the builder in the cluster');
    isTold = true;
    await sleep(builderLimits.lookMs, undefined, { signal: building.stop });
  }
}

function podOf({ metadata }: KubeObject, { replicas }: ClusterBuilder): BuilderPod | null {
  const replica = Number(/-(\d+)$/.exec(metadata.labels?.[builderReplicaLabel] ?? '')?.[1] ?? Number.NaN);
  return replica < replicas ? { name: metadata.name, uid: String(metadata.uid), replica } : null;
}

const isReady = ({ metadata, status }: KubeObject): boolean => {
  const { phase, conditions = [] } = record(status) as {
    phase?: string;
    conditions?: { type: string; status: string }[];
  };
  const ready = conditions.some(({ type, status: is }) => type === 'Ready' && is === 'True');
  return metadata.deletionTimestamp === undefined && phase === 'Running' && ready;
};

interface Waiting {
  readonly state?: { readonly waiting?: { readonly reason?: string; readonly message?: string } };
}

function notStarted(namespace: string, pods: readonly KubeObject[]): ProblemError['problem'] {
  const said = pods.flatMap(({ metadata, status }) =>
    ((record(status).containerStatuses ?? []) as readonly Waiting[]).flatMap(({ state }) =>
      state?.waiting ? [`${metadata.name}: ${state.waiting.reason ?? ''} ${state.waiting.message ?? ''}`.trim()] : [],
    ),
  );
  return {
    kind: 'step',
    code: 'S266',
    what: `the builder in namespace ${namespace} does not start: ${said[0] ?? 'none of its pods is ready'}`,
    hint: `kubectl -n ${namespace} describe pods -l ${builderLabel}=${builderApp}`,
  };
}
