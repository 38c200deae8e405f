// What others have put into what is about to be deleted: a definition takes all its custom resources along, a namespace all
// that is in it, a volume what is written on it.
import type { KubeObject, ObjectRef } from '../../../model/config.ts';
import { isDefinition, isNamespace } from '../../../model/manifests/down-order.ts';
import { list, record, text } from '../../../model/manifests/workload.ts';
import { objectRef } from '../../../model/manifests.ts';
import type { KubePort } from '../../../model/ports.ts';
import { problemCodes } from '../../../model/problems/code-names.ts';
import { hasCode } from '../../../model/problems/problem.ts';
import type { Project } from '../../../model/project.ts';
import { refKey } from './namespaces.ts';
import { ownershipOf } from './ownership.ts';
import { byRank } from './ranks.ts';

interface Asking {
  readonly kube: KubePort;
  readonly project: Project;
  /** `refKey` of what goes along, and `uid` of what has gone: children of these are cleared away by the cluster. */
  readonly going: ReadonlySet<string>;
  readonly uids: ReadonlySet<unknown>;
  readonly stop: AbortSignal;
}

/** Objects that would go with this one and are not ours to delete. */
export async function contentsOf(object: KubeObject, asking: Asking): Promise<readonly ObjectRef[]> {
  const ref = objectRef(object);
  if (isDefinition(ref)) return (await customResources(object, asking)).map((each) => objectRef(each));
  if (isNamespace(ref)) return (await inNamespace(ref.name, asking)).map((each) => objectRef(each));
  if (ref.kind === 'PersistentVolume' && ref.apiVersion === 'v1') return boundClaim(object, asking);
  return [];
}

async function customResources({ spec }: KubeObject, asking: Asking): Promise<readonly KubeObject[]> {
  const { group, names, versions } = record(spec);
  const kind = text(record(names).kind);
  const version = text(list(versions).find(({ served }) => served !== false)?.name);
  if (kind === null || version === null) return [];
  const found = await listed(asking, `${String(group)}/${version}`, kind, null);
  const children = childrenOf(found, asking.uids);
  return found.filter((object) => !children.has(object) && !isGoing(object, asking));
}

const isGoing = (object: KubeObject, { going }: Asking): boolean =>
  object.metadata.deletionTimestamp !== undefined || going.has(refKey(objectRef(object)));

/** Those that belong to one of `uids`, in turn. */
function childrenOf(objects: readonly KubeObject[], uids: ReadonlySet<unknown>): ReadonlySet<KubeObject> {
  const gone = new Set(uids);
  const children = new Set<KubeObject>();
  for (let before = -1; before < children.size; ) {
    before = children.size;
    for (const object of objects) {
      if (children.has(object) || !ownersOf(object).some((uid) => gone.has(uid))) continue;
      children.add(object);
      gone.add(object.metadata.uid);
    }
  }
  return children;
}

const ownersOf = ({ metadata }: KubeObject): readonly unknown[] => list(metadata.ownerReferences).map(({ uid }) => uid);

async function inNamespace(namespace: string, asking: Asking): Promise<readonly KubeObject[]> {
  const kinds = (await asking.kube.kinds(asking.stop)).filter(
    ({ namespaced, kind }) => namespaced && !passing.has(kind),
  );
  const found = await byRank(
    kinds,
    () => 0,
    ({ apiVersion, kind }) => listed(asking, apiVersion, kind, namespace),
  );
  return found.flat().filter((object) => isStranger(object, asking));
}

/** What the cluster keeps for itself, and what passes by itself. */
const passing = new Set(['Event', 'Endpoints', 'EndpointSlice', 'Lease', 'ControllerRevision', 'PodTemplate']);
const own = new Set(['ConfigMap/kube-root-ca.crt', 'ConfigMap/openshift-service-ca.crt', 'ServiceAccount/default']);

function isStranger(object: KubeObject, asking: Asking): boolean {
  if (isGoing(object, asking) || ownersOf(object).length > 0) return false;
  if (own.has(`${object.kind}/${object.metadata.name}`)) return false;
  if (object.kind === 'Secret' && object.type === 'kubernetes.io/service-account-token') return false;
  if (ownershipOf(object, asking.project).is === 'ours') return false;
  return !(object.kind === 'PersistentVolumeClaim' && isClaimOfSet(object, asking));
}

/** `data-db-0` of the set `db`, which goes. The cluster puts nothing of ours on it. */
const isClaimOfSet = ({ metadata }: KubeObject, { going }: Asking): boolean =>
  [...going].some((key) => {
    const [group, kind, namespace, name] = key.split('/');
    const isSet = group === 'apps' && kind === 'StatefulSet' && namespace === metadata.namespace;
    return isSet && new RegExp(`-${(name ?? '').replaceAll('.', '\\.')}-\\d+$`).test(metadata.name);
  });

async function boundClaim({ spec }: KubeObject, { kube, going, stop }: Asking): Promise<readonly ObjectRef[]> {
  const { name, namespace } = record(record(spec).claimRef);
  if (typeof name !== 'string' || typeof namespace !== 'string') return [];
  const ref = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace };
  const claim = going.has(refKey(ref)) ? null : await kube.get(ref, stop);
  return claim && claim.metadata.deletionTimestamp === undefined ? [ref] : [];
}

/** None of a kind that the cluster no longer serves. */
async function listed(
  { kube, stop }: Asking,
  apiVersion: string,
  kind: string,
  namespace: string | null,
): Promise<readonly KubeObject[]> {
  try {
    return await kube.list(apiVersion, kind, namespace, null, stop);
  } catch (error) {
    if (hasCode(error, problemCodes.unknownKind, problemCodes.noObject)) return [];
    throw error;
  }
}
