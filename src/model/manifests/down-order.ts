// The order in which objects go: custom resources while those who clean up behind them still run, then what needs others
// before what it needs, over all resources together; definitions and namespaces last, as they take along what is left.
import { allNeeds } from '../config/all-needs.ts';
import type { ObjectRef } from '../config.ts';

export interface Going {
  readonly ref: ObjectRef;
  /** Of its resource, as its label has it. */
  readonly resource: string;
}

/** Groups of the cluster itself: nobody has to run for their objects to go. */
const builtIn = new Set([
  ...['', 'apps', 'batch', 'autoscaling', 'policy', 'extensions', 'networking.k8s.io', 'rbac.authorization.k8s.io'],
  ...['storage.k8s.io', 'scheduling.k8s.io', 'node.k8s.io', 'coordination.k8s.io', 'discovery.k8s.io', 'events.k8s.io'],
  ...['admissionregistration.k8s.io', 'apiextensions.k8s.io', 'apiregistration.k8s.io', 'certificates.k8s.io'],
  ...['flowcontrol.apiserver.k8s.io', 'internal.apiserver.k8s.io', 'resource.k8s.io', 'storagemigration.k8s.io'],
]);

export const groupOf = (apiVersion: string): string =>
  apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';

export const isCustom = ({ apiVersion }: Pick<ObjectRef, 'apiVersion'>): boolean => !builtIn.has(groupOf(apiVersion));
export const isDefinition = ({ apiVersion, kind }: Pick<ObjectRef, 'apiVersion' | 'kind'>): boolean =>
  kind === 'CustomResourceDefinition' && groupOf(apiVersion) === 'apiextensions.k8s.io';
export const isNamespace = ({ apiVersion, kind }: Pick<ObjectRef, 'apiVersion' | 'kind'>): boolean =>
  kind === 'Namespace' && apiVersion === 'v1';

/** A webhook whose server has gone refuses everything after it. */
const isWebhook = ({ apiVersion }: ObjectRef): boolean => groupOf(apiVersion) === 'admissionregistration.k8s.io';

function phaseOf(ref: ObjectRef): number {
  if (isWebhook(ref)) return 0;
  if (isCustom(ref)) return 1;
  return isDefinition(ref) ? 3 : isNamespace(ref) ? 4 : 2;
}

/** Base of all others, whatever it is said to need. */
const base = 'uncategorized';

/**
 * Stages, each to be gone before the next: what is in one stage may go together. `needs` gives, for a resource's label, the
 * labels of what it needs; it may come from the cluster and hold anything, circles too.
 */
export function downStages<T extends Going>(
  objects: readonly T[],
  needs: (resource: string) => readonly string[],
): readonly (readonly T[])[] {
  const depth = depths([...new Set(objects.map(({ resource }) => resource))], needs);
  const stages = new Map<number, T[]>();
  for (const object of objects) {
    const phase = phaseOf(object.ref);
    const within = phase === 1 || phase === 2 ? (depth.get(object.resource) ?? 0) : 0;
    const key = phase * (depth.size + 2) + within;
    stages.set(key, [...(stages.get(key) ?? []), object]);
  }
  return [...stages].sort(([a], [b]) => a - b).map(([, stage]) => stage);
}

/** How many others, one after the other, must go before each: 0 where nothing needs it. */
function depths(resources: readonly string[], needs: (resource: string) => readonly string[]) {
  const behind = new Map(resources.map((name) => [name, allNeeds(name, needs)]));
  const depth = new Map<string, number>();
  const of = (name: string, path: readonly string[]): number => {
    const known = depth.get(name);
    if (known !== undefined) return known;
    const first = resources.filter((other) => !path.includes(other) && other !== name && behind.get(other)?.has(name));
    const found = Math.max(-1, ...first.map((other) => of(other, [...path, name]))) + 1;
    depth.set(name, found);
    return found;
  };
  for (const name of resources) of(name, []);
  if (depth.has(base)) depth.set(base, resources.length + 1);
  return depth;
}
