// Whose object is it? sluice changes and deletes only what carries the marks of this very project.
import type { KubeObject, ObjectRef } from '../../../model/config.ts';
import { resourceLabel } from '../../../model/labels.ts';
import { isCopy } from '../../../model/manifests/origin.ts';
import { type Problem, ProblemError } from '../../../model/problems/problem.ts';
import { isOf, type Mark, markOf, type Project } from '../../../model/project.ts';

/** The label's value: which resource of ours an object belongs to. */
export const resourceOf = (object: KubeObject): string | undefined => object.metadata.labels?.[resourceLabel];

export type Ownership =
  | { readonly is: 'ours' }
  /** Made by a person or another tool; a copy of an object of ours too. */
  | { readonly is: 'unmarked' }
  /** Made by a version of sluice that knew no projects. */
  | { readonly is: 'earlier' }
  | { readonly is: 'another'; readonly mark: Mark };

export function ownershipOf(object: KubeObject, project: Project): Ownership {
  if (resourceOf(object) === undefined || isCopy(object)) return { is: 'unmarked' };
  const mark = markOf(object.metadata.labels, object.metadata.annotations);
  if (mark === null) return { is: 'earlier' };
  return isOf(project, mark) ? { is: 'ours' } : { is: 'another', mark };
}

export const nameOf = (ref: ObjectRef): string =>
  `${ref.kind.toLowerCase()}/${ref.name}${ref.namespace ? ` in namespace ${ref.namespace}` : ''}`;

/** `project shop (/home/me/shop)` */
export const ownerText = ({ project, place }: Mark): string =>
  `project ${project}${place === null ? '' : ` (${place})`}`;

/** Namespaces are shared by nature: one that exists is used as it is. */
export const isShared = (ref: ObjectRef): boolean => ref.kind === 'Namespace';

/** Why an object that is there is left as it is. Exit code 4 in a deploy. */
export function refusal(ref: ObjectRef, ownership: Exclude<Ownership, { is: 'ours' }>): ProblemError {
  const problem = (code: string, what: string, hint: string): Problem => ({ kind: 'yours', code, what, hint });
  if (ownership.is === 'another')
    return new ProblemError(
      problem(
        'S365',
        `${nameOf(ref)} belongs to ${ownerText(ownership.mark)}: it is left as it is`,
        `give yours another name or namespace, or take the other down there; if both are one, give both the same \`project: NAME\`. --adopt takes over only what has no project`,
      ),
    );
  const who =
    ownership.is === 'earlier' ? 'made by an earlier version of sluice, from where is not known' : 'not made by sluice';
  return new ProblemError(
    problem(
      'S362',
      `${nameOf(ref)} exists and was ${who}: it is left as it is`,
      'if it is yours to take over: --adopt; otherwise delete it, or give yours another name',
    ),
  );
}
