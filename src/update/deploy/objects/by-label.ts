// What the cluster holds of a project, by its labels: for where nothing is remembered of what was deployed.
import type { KubeObject, ObjectRef } from '../../../model/config.ts';
import { projectLabel } from '../../../model/labels.ts';
import { isCustom } from '../../../model/manifests/down-order.ts';
import { originOf } from '../../../model/manifests/origin.ts';
import { objectRef } from '../../../model/manifests.ts';
import type { KubePort } from '../../../model/ports.ts';
import { isProblemError } from '../../../model/problems/problem.ts';
import type { Project } from '../../../model/project.ts';
import { ownershipOf, resourceOf } from './ownership.ts';
import { byRank } from './ranks.ts';

export interface Labelled {
  readonly ref: ObjectRef;
  /** The label's value. */
  readonly resource: string;
}

/**
 * Of the deploys into this namespace by a configuration of this name: another one of the same project is not over with it. What
 * the cluster made of these objects carries their labels too, and goes with them.
 */
export async function labelled(
  kube: KubePort,
  project: Project,
  from: { readonly namespace: string; readonly config: string },
  stop: AbortSignal,
): Promise<readonly Labelled[]> {
  const isFromHere = (object: KubeObject): boolean => {
    const origin = originOf(object);
    return origin?.namespace === from.namespace && origin.config === from.config;
  };
  const found = await byRank(
    await kube.kinds(stop),
    () => 0,
    ({ apiVersion, kind, namespaced }) =>
      listed(kube, apiVersion, kind, namespaced ? from.namespace : null, project, stop),
  );
  return found
    .flat()
    .filter((object) => ownershipOf(object, project).is === 'ours' && isFromHere(object))
    .filter(({ metadata }) => metadata.ownerReferences === undefined)
    .map((object) => ({ ref: objectRef(object), resource: resourceOf(object) ?? '' }));
}

/** In all namespaces where that is allowed, else in the given one, else nowhere. */
async function listed(
  kube: KubePort,
  apiVersion: string,
  kind: string,
  namespace: string | null,
  project: Project,
  stop: AbortSignal,
): Promise<readonly KubeObject[]> {
  for (const where of namespace === null ? [null] : [null, namespace])
    try {
      return await kube.list(apiVersion, kind, where, `${projectLabel}=${project.label}`, stop);
    } catch (error) {
      if (!isProblemError(error)) throw error;
      // The server of a group may be down; of the cluster's own kinds nothing may be missed.
      if (error.problem.kind === 'unavailable' && !isCustom({ apiVersion })) throw error;
    }
  return [];
}
