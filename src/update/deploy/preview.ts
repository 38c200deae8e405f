// What a deploy would come to, object by object: the cluster is asked by dry runs, which change nothing. The questions are
// those of `apply.ts`, in its order.
import type { KubeObject, ObjectRef } from '../../model/config.ts';
import { isCustom } from '../../model/manifests/down-order.ts';
import { hookOf, objectRef } from '../../model/manifests.ts';
import type { KubePort, Ports } from '../../model/ports.ts';
import { problemCodes } from '../../model/problems/code-names.ts';
import { hasCode, isProblemError, type Problem, type SourcePos } from '../../model/problems/problem.ts';
import type { BuiltImage, KubeWork } from '../../model/run.ts';
import { customKinds } from './custom-kinds.ts';
import { injected } from './injection.ts';
import { digestOfObject, isDoneAndGone, isFailedJob, isFinishedJob } from './jobs.ts';
import { isAlready } from './objects/already-applied.ts';
import { withNamespace } from './objects/apply.ts';
import { type IsNamespaced, namespacedKinds, refKey } from './objects/namespaces.ts';
import { isShared, ownershipOf, refusal } from './objects/ownership.ts';
import { byRank } from './objects/ranks.ts';
import { mayBeRemade, notRemade } from './objects/recreate.ts';
import { keepRunId } from './objects/run-id.ts';
import { keepScale } from './objects/scale.ts';
import { refusal as fieldsRefused } from './refusals.ts';

export interface Preview {
  readonly ref: ObjectRef;
  /**
   * `remake`: deleted and made anew · `refused`: `problems` say why · `unknown`: its kind or its namespace comes with this
   * deploy, the cluster cannot tell before.
   */
  readonly does: 'create' | 'change' | 'keep' | 'remake' | 'refused' | 'unknown';
  /** What the API server warns of. */
  readonly warnings: readonly string[];
  readonly problems: readonly Problem[];
  /** As it is, null where it is not there; and as it would be. */
  readonly before: KubeObject | null;
  readonly after: KubeObject | null;
}

export interface Previewing {
  readonly work: KubeWork;
  readonly kube: KubePort;
  readonly ports: Ports;
  /** All that is deployed with it: kinds and namespaces that are not there yet may come from elsewhere in the plan. */
  readonly all: readonly KubeObject[];
  readonly stop: AbortSignal;
}

type Answer = Omit<Preview, 'ref' | 'warnings'>;

/** Rejects where the cluster cannot be asked at all. */
export async function preview(images: readonly BuiltImage[], previewing: Previewing): Promise<readonly Preview[]> {
  const { work, kube, ports, stop } = previewing;
  const known = namespacedKinds(kube, customKinds(previewing.all), stop);
  // A kind that nobody knows is told for its object; the others are asked about all the same.
  const isNamespaced: IsNamespaced = (apiVersion, kind) =>
    known(apiVersion, kind).catch((error: unknown) => {
      if (hasCode(error, problemCodes.unknownKind)) return true;
      throw error;
    });
  const { objects } = await injected(work, images, isNamespaced, ports, stop);
  return byRank(
    objects.map((object, i) => ({ object, at: work.spec.objects[i]?.at ?? work.spec.at })),
    () => 0,
    ({ object, at }) => previewOne(object, at, previewing),
  );
}

async function previewOne(object: KubeObject, at: SourcePos, previewing: Previewing): Promise<Preview> {
  const ref = objectRef(object);
  const warnings = new Set<string>();
  const before: { object: KubeObject | null } = { object: null };
  try {
    const answer = await answerTo(object, ref, before, (text) => void warnings.add(text), previewing);
    return { ref, warnings: [...warnings], ...answer };
  } catch (error) {
    if (!isProblemError(error) || ['unavailable', 'timeout'].includes(error.problem.kind)) throw error;
    const isNotYet = hasCode(error, problemCodes.unknownKind, problemCodes.noObject) && isAwaited(object, previewing);
    if (isNotYet) return { ref, does: 'unknown', warnings: [], problems: [], before: null, after: object };
    const told = await fieldsRefused(
      [{ object, error: withNamespace(error, object), at }],
      previewing.kube,
      previewing.ports,
      previewing.stop,
    );
    const problems = [told.problem, ...told.others];
    return { ref, does: 'refused', warnings: [...warnings], problems, before: before.object, after: null };
  }
}

async function answerTo(
  desired: KubeObject,
  ref: ObjectRef,
  found: { object: KubeObject | null },
  warn: (text: string) => void,
  previewing: Previewing,
): Promise<Answer> {
  const { work, kube, stop } = previewing;
  const options = { dryRun: true, warn };
  const before = await kube.get(ref, stop).catch((error: unknown) => {
    // As an apply does: a namespace that may not be looked at is one that is there.
    if (isShared(ref) && hasCode(error, problemCodes.notAllowed)) return desired;
    throw error;
  });
  const answer = (does: Preview['does'], after: KubeObject | null): Answer => ({ does, problems: [], before, after });
  if (before === null) {
    if (!work.force && (await isDoneAndGone(kube, desired, ref, work.deployed?.jobs?.[refKey(ref)], stop)))
      return answer('keep', null);
    return answer('create', await kube.apply(desired, stop, options));
  }
  found.object = before;
  const ownership = ownershipOf(before, work.project);
  if (isShared(ref)) return answer('keep', before);
  const isKnown = ownership.is === 'earlier' && work.remembered?.some((each) => refKey(each) === refKey(ref));
  const mayAdopt = work.adopt && ownership.is !== 'another';
  if (ownership.is !== 'ours' && !isKnown && !mayAdopt) throw refusal(ref, ownership);
  if (before.metadata.deletionTimestamp) return answer('create', desired);
  const unchanged = digestOfObject(before) === digestOfObject(desired);
  const runsOnce = !isCustom(ref) && (ref.kind === 'Job' || ref.kind === 'Pod');
  if (runsOnce && ((!unchanged && hookOf(desired) !== null) || (unchanged && isFailedJob(before))))
    return answer('remake', desired);
  if (unchanged && isFinishedJob(before)) return answer('keep', before);
  const among = work.spec.objects.map(({ object }) => object);
  const object = await keepScale(kube, keepRunId(desired, before, unchanged), before, among, stop);
  if (unchanged && ownership.is === 'ours' && isAlready(object, before)) return answer('keep', before);
  try {
    return answer('change', await kube.apply(object, stop, options));
  } catch (error) {
    const code = isProblemError(error) ? error.problem.code : '';
    if (code === problemCodes.objectTooLarge) return answer('change', object);
    if (code !== problemCodes.fixedField) throw error;
    if (!mayBeRemade(before)) throw notRemade(error, ref);
    return answer('remake', object);
  }
}

/** Does its kind or its namespace come with what is deployed beside it? */
function isAwaited({ apiVersion, kind, metadata }: KubeObject, { all }: Previewing): boolean {
  const isDefined = customKinds(all).some((each) => each.apiVersion === apiVersion && each.kind === kind);
  const isPlaced = all.some((each) => each.kind === 'Namespace' && each.metadata.name === metadata.namespace);
  return isDefined || isPlaced;
}
