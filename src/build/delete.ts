// Takes objects out of the cluster again, in reverse order; what sluice did not make stays.
import type { ObjectRef } from '../model/config.ts';
import { limits } from '../model/limits.ts';
import { kindRank } from '../model/manifests.ts';
import type { KubePort, Ports } from '../model/ports.ts';
import { untilGone } from './gone.ts';
import { isOurs, nameOf } from './ownership.ts';

export interface DeleteOptions {
  readonly resource: string;
  /** Namespaces hold what others put there: only when asked for. */
  readonly namespaces?: boolean;
  /** Volume claims hold data: only when asked for. */
  readonly volumes?: boolean;
  /** Waits until all is gone. */
  readonly wait?: boolean;
}

/** Returns what was deleted. Objects kept by annotation, by kind or because they are not ours are told in the log. */
export async function deleteObjects(
  kube: KubePort,
  refs: readonly ObjectRef[],
  options: DeleteOptions,
  ports: Pick<Ports, 'logs' | 'now'>,
  stop: AbortSignal,
): Promise<readonly ObjectRef[]> {
  const say = (text: string): void =>
    ports.logs.line({ resource: options.resource, source: 'engine' }, 'info', text, ports.now());
  const deleted: { ref: ObjectRef; uid: unknown }[] = [];
  const ranks = [...new Set(refs.map((ref) => rankOf(ref)))].sort((a, b) => b - a);
  for (const rank of ranks) {
    const group = refs.filter((ref) => rankOf(ref) === rank);
    for (let i = 0; i < group.length; i += limits.applyParallel) {
      const gone = await Promise.all(
        group.slice(i, i + limits.applyParallel).map((ref) => deleteOne(kube, ref, options, say, stop)),
      );
      deleted.push(...gone.filter((it) => it !== null));
    }
  }
  if (options.wait)
    await Promise.all(deleted.map(({ ref, uid }) => untilGone(kube, ref, uid, limits.terminatingWaitMs, stop)));
  return deleted.map(({ ref }) => ref);
}

const rankOf = ({ apiVersion, kind, name }: ObjectRef): number => kindRank({ apiVersion, kind, metadata: { name } });

async function deleteOne(
  kube: KubePort,
  ref: ObjectRef,
  options: DeleteOptions,
  say: (text: string) => void,
  stop: AbortSignal,
) {
  if (ref.kind === 'Namespace' && !options.namespaces)
    return kept(ref, 'namespaces stay (--namespaces takes them too)', say);
  if (ref.kind === 'PersistentVolumeClaim' && !options.volumes)
    return kept(ref, 'volumes stay (--volumes takes them too)', say);
  const existing = await kube.get(ref, stop);
  if (!existing) return null;
  if (!isOurs(existing)) return kept(ref, 'not made by sluice', say);
  if (existing.metadata.annotations?.['sluice.dev/down'] === 'keep')
    return kept(ref, 'annotated sluice.dev/down: keep', say);
  await kube.delete(ref, stop);
  say(`deleted ${nameOf(ref)}`);
  return { ref, uid: existing.metadata.uid };
}

function kept(ref: ObjectRef, because: string, say: (text: string) => void): null {
  say(`kept ${nameOf(ref)}: ${because}`);
  return null;
}
