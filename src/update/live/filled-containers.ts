// Containers updated in place, remembered across sessions: whatever else a later session's deploy changes or leaves, no pod
// may go on with files that a session put into it which is over.
import { createHash } from 'node:crypto';
import type { KubeObject } from '../../model/config.ts';
import { projectLabel, resourceLabel } from '../../model/labels.ts';
import { limits } from '../../model/limits.ts';
import { containerStatuses, isRecord, templatePath } from '../../model/manifests/workload.ts';
import type { KubePort, Ports } from '../../model/ports.ts';
import type { ContainersWork, ContainerTarget, KubeWork } from '../../model/run.ts';
import { labelValue } from '../../model/text/fitted-name.ts';

/** Container id → run id of the session that put files into it. */
type Note = Readonly<Record<string, string>>;

/** To be called before containers are touched. A note that cannot be written holds up no update. */
export async function noteTouched(
  work: ContainersWork,
  containers: readonly ContainerTarget[],
  { disk }: Pick<Ports, 'disk'>,
): Promise<void> {
  const { dir, name } = placeOf(work);
  const known = noteIn(await disk.load(dir, name));
  const ids = containers.map(({ id }) => id).filter((id) => known[id] !== work.runId);
  if (ids.length === 0) return;
  const all = [...Object.entries(known), ...ids.map((id) => [id, work.runId] as const)];
  await disk.save(dir, name, Object.fromEntries(all.slice(-limits.touchedContainers))).catch(() => {});
}

/** Ids of containers of this resource that an earlier session updated in place. */
export async function touchedBefore(work: ContainersWork, { disk }: Pick<Ports, 'disk'>): Promise<ReadonlySet<string>> {
  const { dir, name } = placeOf(work);
  const note = noteIn(await disk.load(dir, name));
  return new Set(Object.keys(note).filter((id) => note[id] !== work.runId));
}

/** Pods of this resource whose containers an earlier session updated in place. */
export async function touchedPods(
  work: KubeWork,
  kube: Pick<KubePort, 'list'>,
  { disk }: Pick<Ports, 'disk'>,
  stop: AbortSignal,
): Promise<readonly KubeObject[]> {
  const old = await touchedBefore(work, { disk });
  if (old.size === 0) return [];
  const lists = await Promise.all(
    namespacesOf(work).flatMap((namespace) =>
      selectorsOf(work).map((selector) => kube.list('v1', 'Pod', namespace, selector, stop)),
    ),
  );
  const byUid = new Map(lists.flat().map((pod) => [String(pod.metadata.uid), pod]));
  return [...byUid.values()].filter(
    (pod) =>
      !pod.metadata.deletionTimestamp &&
      containerStatuses<{ containerID?: string }>(pod).some(({ containerID }) => old.has(containerID ?? '')),
  );
}

/** What earlier sessions touched is replaced, or was gone: nobody need ask for it again. */
export async function forgetTouched(work: ContainersWork, { disk }: Pick<Ports, 'disk'>): Promise<void> {
  const { dir, name } = placeOf(work);
  const note = noteIn(await disk.load(dir, name));
  const own = Object.entries(note).filter(([, runId]) => runId === work.runId);
  if (own.length < Object.keys(note).length) await disk.save(dir, name, Object.fromEntries(own)).catch(() => {});
}

/** One note per resource: its runs come one after the other, those of others do not. */
function placeOf({ images, spec, resource }: ContainersWork): { dir: string; name: string } {
  const { file } = images[0]?.spec.at ?? spec.at;
  const key = createHash('sha256').update(`${file} ${resource}`).digest('hex').slice(0, 12);
  return { dir: file.slice(0, file.lastIndexOf('/')), name: `in-place-${key}` };
}

/** Earlier versions wrote a list of ids. */
function noteIn(value: unknown): Note {
  if (Array.isArray(value))
    return Object.fromEntries(value.filter((id) => typeof id === 'string').map((id) => [id, '']));
  const entries = Object.entries(isRecord(value) ? value : {});
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

function namespacesOf({ spec, kubernetes }: KubeWork): readonly string[] {
  const usual = kubernetes.namespace ?? 'default';
  const workloads = spec.objects.map(({ object }) => object).filter((object) => templatePath(object) !== null);
  return [...new Set([...workloads.map(({ metadata }) => metadata.namespace ?? usual), usual])];
}

/** By our label, and as the configuration finds the pods that others make. */
const selectorsOf = ({ spec, resource, project }: KubeWork): readonly string[] => [
  `${resourceLabel}=${labelValue(resource)},${projectLabel}=${project.label}`,
  ...spec.selectors.map((labels) =>
    Object.entries(labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(','),
  ),
];
