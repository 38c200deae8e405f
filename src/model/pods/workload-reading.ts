// Workloads and EndpointSlices out of what the cluster sent. Pure; anything at all may come in.
import { templateLabel } from '../labels.ts';
import { count, list, placeIn, type Raw, raw, readOwner, text, textOrNull, texts } from './answer.ts';
import { type Condition, type Endpoints, type Workload, type WorkloadKind, workloadKinds } from './workload.ts';

const kindOf = (kind: unknown): WorkloadKind | null => workloadKinds.find((known) => known === kind) ?? null;

/** What is not given counts as the API's own default. */
const countOr = (value: unknown, instead: number): number =>
  typeof value === 'number' && Number.isSafeInteger(value) ? value : instead;

type Numbers = Pick<Workload, 'wanted' | 'total' | 'updated' | 'ready' | 'available'>;

const replicated = (spec: Raw, status: Raw): Numbers => ({
  wanted: countOr(spec.replicas, 1),
  total: count(status.replicas),
  updated: count(status.updatedReplicas),
  ready: count(status.readyReplicas),
  available: count(status.availableReplicas),
});

const daemons = (_spec: Raw, status: Raw): Numbers => ({
  wanted: count(status.desiredNumberScheduled),
  total: count(status.currentNumberScheduled),
  updated: count(status.updatedNumberScheduled),
  ready: count(status.numberReady),
  available: count(status.numberAvailable),
});

/** One completion unless it runs several pods at once, which then is a queue: any of them may be the last. */
const attempts = (spec: Raw, status: Raw): Numbers => ({
  wanted: typeof spec.completions === 'number' ? spec.completions : countOr(spec.parallelism, 1) > 1 ? null : 1,
  total: count(status.active),
  updated: count(status.active),
  ready: count(status.ready),
  available: count(status.ready),
});

const numbers: Readonly<Record<WorkloadKind, (spec: Raw, status: Raw) => Numbers>> = {
  Deployment: replicated,
  StatefulSet: replicated,
  ReplicaSet: replicated,
  ReplicationController: replicated,
  DaemonSet: daemons,
  Job: attempts,
};

const readConditions = (status: Raw): readonly Condition[] =>
  list(status.conditions).map(({ type, status: is, reason, message }) => ({
    type: text(type),
    isTrue: is === 'True',
    reason: text(reason),
    message: text(message),
  }));

/** Null for what is no workload with a controller of Kubernetes' own. */
export function readWorkload(object: unknown): Workload | null {
  const { kind: given, metadata: meta, spec: specOf, status: statusOf } = raw(object);
  const [kind, metadata, spec, status] = [kindOf(given), raw(meta), raw(specOf), raw(statusOf)];
  if (!kind || !text(metadata.uid) || !text(metadata.name)) return null;
  const strategy = raw(kind === 'Deployment' ? spec.strategy : spec.updateStrategy);
  const generation = count(metadata.generation);
  const annotated = raw(metadata.annotations)['deployment.kubernetes.io/revision'];
  return {
    kind,
    uid: text(metadata.uid),
    name: text(metadata.name),
    namespace: text(metadata.namespace),
    labels: texts(metadata.labels),
    ...placeIn(metadata),
    owner: readOwner(metadata),
    generation,
    // A Job's status names no generation: what can be changed about it is told by conditions.
    observedGeneration: kind === 'Job' ? generation : count(status.observedGeneration),
    isGone: false,
    template: textOrNull(raw(raw(raw(spec.template).metadata).labels)[templateLabel]),
    revision: textOrNull(kind === 'StatefulSet' ? status.updateRevision : annotated),
    strategy: text(strategy.type),
    partition: count(raw(strategy.rollingUpdate).partition),
    minReadySeconds: count(spec.minReadySeconds),
    isHeld: spec.paused === true || spec.suspend === true,
    ...numbers[kind](spec, status),
    succeeded: count(status.succeeded),
    failed: count(status.failed),
    conditions: readConditions(status),
  };
}

/** Null for what is no EndpointSlice. A condition that is not given counts as `true`, as the API says. */
export function readEndpoints(object: unknown): Endpoints | null {
  const { metadata: meta, endpoints } = raw(object);
  const metadata = raw(meta);
  if (!text(metadata.uid)) return null;
  const taking = list(endpoints).filter(({ conditions }) => raw(conditions).ready !== false);
  const pods = taking.flatMap(({ targetRef }) => (raw(targetRef).kind === 'Pod' ? text(raw(targetRef).uid) : []));
  return { uid: text(metadata.uid), namespace: text(metadata.namespace), pods: pods.filter((uid) => uid !== '') };
}
