// Containers updated in place, remembered across sessions: where files were put back to what the image holds while no
// session ran, the deploy changes nothing, and such containers would go on with the files of the last session.
import { createHash } from 'node:crypto';
import { labelValue } from '../model/fitted-name.ts';
import { limits } from '../model/limits.ts';
import type { KubePort, Ports } from '../model/ports.ts';
import { projectLabel, resourceLabel } from '../model/project.ts';
import type { ContainerTarget, KubeWork } from '../model/run.ts';

/** To be called before containers are touched. A note that cannot be written holds up no update. */
export async function noteTouched(
  work: KubeWork,
  containers: readonly ContainerTarget[],
  { disk }: Pick<Ports, 'disk'>,
): Promise<void> {
  const { dir, name } = noteOf(work);
  const known = idsIn(await disk.load(dir, name));
  const ids = containers.map(({ id }) => id).filter((id) => !known.includes(id));
  if (ids.length > 0) await disk.save(dir, name, [...known, ...ids].slice(-limits.touchedContainers)).catch(() => {});
}

/**
 * Deletes the pods whose containers an earlier session updated in place, for their owner to make them anew. True when
 * there was one. To be called after the first deploy of a session.
 */
export async function replaceTouched(
  work: KubeWork,
  kube: KubePort,
  { disk }: Pick<Ports, 'disk'>,
  stop: AbortSignal,
): Promise<boolean> {
  const { dir, name } = noteOf(work);
  const touched = idsIn(await disk.load(dir, name));
  if (touched.length === 0) return false;
  const namespace = work.spec.workload?.namespace ?? work.kubernetes.namespace ?? 'default';
  const selector = `${resourceLabel}=${labelValue(work.resource)},${projectLabel}=${work.project.label}`;
  const pods = await kube.list('v1', 'Pod', namespace, selector, stop);
  const old = pods.filter(({ metadata, status }) => metadata.ownerReferences && containersIn(status).some(isTouched));
  for (const { metadata } of old)
    await kube.delete({ apiVersion: 'v1', kind: 'Pod', name: metadata.name, namespace }, stop);
  await disk.save(dir, name, []).catch(() => {});
  return old.length > 0;

  function isTouched(id: string): boolean {
    return touched.includes(id);
  }
}

/** One note per resource: its runs come one after the other, those of others do not. */
function noteOf({ images, spec, resource }: KubeWork): { dir: string; name: string } {
  const { file } = images[0]?.spec.at ?? spec.at;
  const key = createHash('sha256').update(`${file} ${resource}`).digest('hex').slice(0, 12);
  return { dir: file.slice(0, file.lastIndexOf('/')), name: `in-place-${key}` };
}

const idsIn = (note: unknown): readonly string[] =>
  Array.isArray(note) ? note.filter((id) => typeof id === 'string') : [];

function containersIn(status: unknown): readonly string[] {
  const { containerStatuses = [] } = (status ?? {}) as { containerStatuses?: readonly { containerID?: string }[] };
  return containerStatuses.flatMap(({ containerID }) => containerID ?? []);
}
