// What the API server refuses, field by field, each with its place in the manifest: all of it, not what came first.
import type { KubeObject } from '../../model/config.ts';
import type { KubePort, Ports } from '../../model/ports.ts';
import { type FieldFault, hintFor, isUnknownField } from '../../model/problems/field-fault.ts';
import {
  isAbort,
  isProblemError,
  type Problem,
  ProblemError,
  problemOf,
  type SourcePos,
} from '../../model/problems/problem.ts';
import { nearest } from '../../model/text/nearest.ts';

export interface Refused {
  readonly object: KubeObject;
  readonly error: unknown;
  /** Of the object. */
  readonly at: SourcePos;
}

/** Is it the object that is wrong, so that the cluster would refuse it whatever else was applied? */
export const isFaulty = (error: unknown): boolean => isProblemError(error) && error.fields.length > 0;

/** One error for all of them, with the first in the manifests before the others. */
export async function refusal(
  refused: readonly Refused[],
  kube: KubePort,
  ports: Pick<Ports, 'fieldAt' | 'logs'>,
  stop: AbortSignal,
): Promise<ProblemError> {
  const problems = (await Promise.all(refused.map((each) => problemsOf(each, kube, ports, stop)))).flat();
  const [first, ...others] = problems.toSorted(byPlace);
  // The API server quotes what it refuses, a Secret's value included; problems also go where no log does.
  const scrubbed = (problem: Problem): Problem => ({ ...problem, what: ports.logs.scrub(problem.what) });
  return new ProblemError(scrubbed(first as Problem), { others: others.map(scrubbed) });
}

const byPlace = ({ at: a }: Problem, { at: b }: Problem): number =>
  !a || !b || a.file !== b.file ? 0 : a.line - b.line || a.column - b.column;

async function problemsOf(
  { object, error, at }: Refused,
  kube: KubePort,
  { fieldAt }: Pick<Ports, 'fieldAt'>,
  stop: AbortSignal,
): Promise<readonly Problem[]> {
  const whole = problemOf(error);
  const fields = isProblemError(error) ? error.fields : [];
  if (whole.at || fields.length === 0) return [{ at, ...whole }];
  return Promise.all(
    fields.map(async (fault) => {
      const hint = hintFor(fault, await nearestName(fault, object, kube, stop)) ?? whole.hint;
      const what = `cannot apply ${object.kind} ${object.metadata.name}: ${fault.field}: ${fault.what}`;
      const place = (await fieldAt?.(at, fault.path)) ?? at;
      return { kind: whole.kind, code: whole.code, what, at: place, ...(hint ? { hint } : {}) };
    }),
  );
}

/** Null where the schema cannot be had: the refusal itself is what matters. */
async function nearestName(fault: FieldFault, { apiVersion, kind }: KubeObject, kube: KubePort, stop: AbortSignal) {
  const name = fault.path.at(-1);
  if (!isUnknownField(fault) || typeof name !== 'string') return null;
  try {
    return nearest(name, await kube.fieldNames(apiVersion, kind, fault.path.slice(0, -1), stop));
  } catch (error) {
    if (isAbort(error)) throw error;
    return null;
  }
}
