// Where an object carries a pod template, and what that makes of it. Custom kinds count when they carry one where
// Deployments do.
import type { KubeObject, KubeSpec } from '../config.ts';

export type Json = Readonly<Record<string, unknown>>;

export interface PodTemplate {
  readonly metadata: Json;
  readonly spec: Json;
}

export const isRecord = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const record = (value: unknown): Json => (isRecord(value) ? value : {});
export const list = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.filter(isRecord) : []);
export const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

/** Keys that lead to the pod template, null for what runs no pods. */
export function templatePath(object: KubeObject): readonly string[] | null {
  if (object.kind === 'Pod' && object.apiVersion === 'v1') return [];
  const path = object.kind === 'CronJob' ? ['spec', 'jobTemplate', 'spec', 'template'] : ['spec', 'template'];
  const spec = record(record(at(object, path)).spec);
  return Array.isArray(spec.containers) ? path : null;
}

const at = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((inside, key) => record(inside)[key], value);

export function podTemplate(object: KubeObject): PodTemplate | null {
  const path = templatePath(object);
  if (!path) return null;
  const template = record(at(object, path));
  return { metadata: record(template.metadata), spec: record(template.spec) };
}

/** The object with its pod template changed; as it was where it has none. */
export function withTemplate(object: KubeObject, change: (template: PodTemplate) => PodTemplate): KubeObject {
  const [path, template] = [templatePath(object), podTemplate(object)];
  if (!path || !template) return object;
  return put(object, path, change(template)) as unknown as KubeObject;
}

function put(value: Json, [key, ...rest]: readonly string[], last: PodTemplate): Json {
  if (key === undefined) return { ...value, ...last };
  return { ...value, [key]: put(record(value[key]), rest, last) };
}

export const containerLists = ['initContainers', 'containers', 'ephemeralContainers'] as const;

/** What the cluster says of the containers of a pod that may run as long as it does: main ones and sidecars. */
export function containerStatuses<T extends object>(pod: KubeObject): readonly T[] {
  const status = record(pod.status);
  return [...list(status.initContainerStatuses), ...list(status.containerStatuses)] as unknown as readonly T[];
}

/** Runs as long as its pod, though it stands among the init containers. */
export const isSidecar = (container: unknown): boolean => record(container).restartPolicy === 'Always';

/** Every image an object names: containers of all three sorts, and image volumes. */
export function imageSlots(object: KubeObject): readonly { readonly image: string }[] {
  const spec = podTemplate(object)?.spec ?? {};
  const images = [
    ...containerLists.flatMap((key) => list(spec[key]).map(({ image }) => image)),
    ...list(spec.volumes).map(({ image }) => record(image).reference),
  ];
  return images.flatMap((image) => text(image) ?? []).map((image) => ({ image }));
}

/** A Job is ready when done; a CronJob, or what runs no pods, as soon as it is deployed. */
export function readyDefault(workload: KubeSpec['workload'], selectors: KubeSpec['selectors']): KubeSpec['ready'] {
  if (workload?.kind === 'Job') return 'job';
  if (workload?.kind === 'CronJob') return 'none';
  return workload || selectors.length > 0 ? 'pods' : 'none';
}
