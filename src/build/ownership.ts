// Whose object is it? sluice overwrites and deletes only what carries its label.
import type { KubeObject, ObjectRef } from '../model/config.ts';
import { ProblemError } from '../model/problem.ts';

/** The label's value: which resource of ours an object belongs to. */
export const resourceOf = (object: KubeObject): string | undefined => object.metadata.labels?.['sluice-resource'];

export const isOurs = (object: KubeObject): boolean => resourceOf(object) !== undefined;

export const nameOf = (ref: ObjectRef): string =>
  `${ref.kind.toLowerCase()}/${ref.name}${ref.namespace ? ` in namespace ${ref.namespace}` : ''}`;

/** Namespaces are shared by nature: one that exists is used as it is. */
export const isShared = (ref: ObjectRef): boolean => ref.kind === 'Namespace';

export function refuseForeign(existing: KubeObject, ref: ObjectRef): void {
  if (isOurs(existing) || isShared(ref)) return;
  const namespace = ref.namespace ? ` -n ${ref.namespace}` : '';
  throw new ProblemError({
    kind: 'yours',
    code: 'S362',
    what: `${nameOf(ref)} exists and was not made by sluice: it is left as it is`,
    hint: `delete it, or hand it over: kubectl label ${ref.kind.toLowerCase()} ${ref.name}${namespace} sluice-resource=adopted`,
  });
}
