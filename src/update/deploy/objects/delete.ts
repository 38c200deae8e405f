// Takes objects out of the cluster again, over all resources together; what is not this project's stays.
import type { ObjectRef } from '../../../model/config.ts';
import { downAnnotation } from '../../../model/labels.ts';
import { limits } from '../../../model/limits.ts';
import { downStages } from '../../../model/manifests/down-order.ts';
import { kindRank } from '../../../model/manifests.ts';
import type { KubePort } from '../../../model/ports.ts';
import { type Problem, ProblemError } from '../../../model/problems/problem.ts';
import { untilGone } from './await-deletion.ts';
import { contentsOf } from './contents.ts';
import { type DeleteOptions, type Doomed, doomedIn, needsOf, type Part, type SayingPorts } from './deletable.ts';
import { refKey } from './namespaces.ts';
import { nameOf } from './ownership.ts';
import { byRank } from './ranks.ts';

export interface Deletion {
  readonly deleted: readonly ObjectRef[];
  /** What was not deleted because of what others have in it. */
  readonly refused: readonly Problem[];
}

/** Objects kept by annotation, by kind or because they are not ours are told in the log. */
export async function deleteParts(
  kube: KubePort,
  parts: readonly Part[],
  options: DeleteOptions,
  ports: SayingPorts,
  stop: AbortSignal,
): Promise<Deletion> {
  const doomed = await doomedIn(kube, parts, options, ports, stop);
  const stages = downStages(doomed, needsOf(parts, doomed));
  const going = new Set(doomed.map(({ ref }) => refKey(ref)));
  const gone: Gone[] = [];
  const refused: Problem[] = [];
  for (const [i, stage] of stages.entries()) {
    const uids = new Set(gone.map(({ uid }) => uid));
    const tried = await byRank(stage, downwards, async (each): Promise<Gone | null> => {
      const contents = await contentsOf(each.object, { kube, project: options.project, going, uids, stop });
      if (contents.length === 0) return remove(kube, each, stop);
      refused.push(refusal(each, contents));
      return null;
    });
    const here = tried.filter((each) => each !== null);
    gone.push(...here);
    if (options.wait || i < stages.length - 1)
      await Promise.all(here.map(({ ref, uid, maxMs }) => untilGone(kube, ref, uid, maxMs, stop)));
  }
  return { deleted: gone.map(({ ref }) => ref), refused };
}

interface Gone {
  readonly ref: ObjectRef;
  readonly uid: unknown;
  readonly maxMs: number;
}

const downwards = ({ object }: Doomed): number => -kindRank(object);

/** The same for one resource. Rejects, once the rest has gone, where something holds what others put there. */
export async function deleteObjects(
  kube: KubePort,
  part: Part,
  options: DeleteOptions,
  ports: SayingPorts,
  stop: AbortSignal,
): Promise<readonly ObjectRef[]> {
  const { deleted, refused } = await deleteParts(kube, [part], options, ports, stop);
  if (refused[0]) throw new ProblemError(refused[0]);
  return deleted;
}

async function remove(kube: KubePort, { ref, object, say, graceMs }: Doomed, stop: AbortSignal): Promise<Gone> {
  // What is going already is only waited for.
  if (object.metadata.deletionTimestamp === undefined) {
    await kube.delete(ref, stop);
    say(`deleted ${nameOf(ref)}`);
  }
  return { ref, uid: object.metadata.uid, maxMs: limits.terminatingWaitMs + graceMs };
}

function refusal({ ref, say }: Doomed, contents: readonly ObjectRef[]): Problem {
  const named = contents.slice(0, 3).map(nameOf).join(', ');
  const more = contents.length > 3 ? ` and ${contents.length - 3} more` : '';
  const what = `${nameOf(ref)} is not deleted: ${named}${more} would go with it`;
  say(what);
  const hint = `delete what is in it first; or keep it: annotate it with ${downAnnotation}: keep. To delete it with all that it holds: kubectl delete ${ref.kind.toLowerCase()} ${ref.name}`;
  return { kind: 'yours', code: 'S366', what, hint };
}
