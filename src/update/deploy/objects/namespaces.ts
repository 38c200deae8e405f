// In which namespace an object is meant: its own, else the session's; cluster-wide kinds in none.
import type { KubeObject, ObjectRef } from '../../../model/config.ts';
import type { KubePort } from '../../../model/ports.ts';
import { problemCodes } from '../../../model/problems/code-names.ts';
import { hasCode } from '../../../model/problems/problem.ts';
import type { CustomKind } from '../custom-kinds.ts';

export type IsNamespaced = (apiVersion: string, kind: string) => Promise<boolean>;

/** Asks the cluster once for each kind; what is about to be defined is known from its definition. Rejects with S313. */
export function namespacedKinds(kube: KubePort, defined: readonly CustomKind[], stop: AbortSignal): IsNamespaced {
  const asked = new Map<string, Promise<boolean>>();
  for (const { apiVersion, kind, namespaced } of defined)
    asked.set(`${apiVersion} ${kind}`, Promise.resolve(namespaced));
  return (apiVersion, kind) => {
    const key = `${apiVersion} ${kind}`;
    const known = asked.get(key) ?? kube.isNamespaced(apiVersion, kind, stop);
    asked.set(key, known);
    return known;
  };
}

export async function placed(object: KubeObject, namespace: string, isNamespaced: IsNamespaced): Promise<KubeObject> {
  const given = object.metadata.namespace;
  const right = (await isNamespaced(object.apiVersion, object.kind)) ? (given ?? namespace) : undefined;
  if (right === given) return object;
  const { namespace: _, ...metadata } = object.metadata;
  return {
    ...object,
    metadata: right === undefined ? (metadata as KubeObject['metadata']) : { ...object.metadata, namespace: right },
  };
}

/** The same for references; null for a kind that the cluster does not know (any more): then there is no such object. */
async function placedRef(ref: ObjectRef, namespace: string, isNamespaced: IsNamespaced): Promise<ObjectRef | null> {
  try {
    const isIn = await isNamespaced(ref.apiVersion, ref.kind);
    return { ...ref, namespace: isIn ? (ref.namespace ?? namespace) : null };
  } catch (error) {
    if (hasCode(error, problemCodes.unknownKind)) return null;
    throw error;
  }
}

/** Those whose kind the cluster knows. */
export async function placedRefs(
  refs: readonly ObjectRef[],
  namespace: string,
  isNamespaced: IsNamespaced,
): Promise<readonly ObjectRef[]> {
  const placed = await Promise.all(refs.map((ref) => placedRef(ref, namespace, isNamespaced)));
  return placed.filter((ref) => ref !== null);
}

/** Equal for two references to one object: its API version may change, its group may not. */
export const refKey = ({ apiVersion, kind, namespace, name }: ObjectRef): string =>
  `${apiVersion.includes('/') ? apiVersion.split('/')[0] : ''}/${kind}/${namespace ?? ''}/${name}`;
