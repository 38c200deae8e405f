// The claims that the cluster made for the pods of a StatefulSet. It leaves them behind, with no label of ours on them.
import type { KubeObject, ObjectRef } from '../../../model/config.ts';
import { list, record } from '../../../model/manifests/workload.ts';
import { objectRef } from '../../../model/manifests.ts';
import type { KubePort } from '../../../model/ports.ts';
import { isOf, markOf, type Project } from '../../../model/project.ts';

export interface Claim {
  readonly ref: ObjectRef;
  readonly object: KubeObject;
}

/** None for what is no set, and none that another project has marked as its own. */
export async function claimsOf(
  kube: KubePort,
  set: KubeObject,
  project: Project,
  stop: AbortSignal,
): Promise<readonly Claim[]> {
  const { name, namespace = 'default' } = set.metadata;
  const templates = set.kind === 'StatefulSet' ? list(record(set.spec).volumeClaimTemplates) : [];
  const prefixes = templates.map(({ metadata }) => `${String(record(metadata).name)}-${name}-`);
  if (prefixes.length === 0) return [];
  const isClaimed = (claim: string) =>
    prefixes.some((prefix) => claim.startsWith(prefix) && /^\d+$/.test(claim.slice(prefix.length)));
  const all = await kube.list('v1', 'PersistentVolumeClaim', namespace, null, stop);
  return all.flatMap((object) => {
    const mark = markOf(object.metadata.labels, object.metadata.annotations);
    if (!isClaimed(object.metadata.name) || (mark && !isOf(project, mark))) return [];
    return [{ ref: objectRef(object), object }];
  });
}
