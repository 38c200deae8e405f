// Takes objects out of the cluster again, in reverse order; what sluice did not make stays.
import type { KubeObject, ObjectRef } from '../model/config.ts';
import { labelValue } from '../model/fitted-name.ts';
import { limits } from '../model/limits.ts';
import { list, record } from '../model/manifests/workload.ts';
import { kindRank } from '../model/manifests.ts';
import type { KubePort, Ports } from '../model/ports.ts';
import type { Project } from '../model/project.ts';
import { graceMs, untilGone } from './gone.ts';
import { nameOf, ownerText, resourceOf, standingOf } from './ownership.ts';
import { refKey } from './placing.ts';
import { byRank } from './ranks.ts';

export interface DeleteOptions {
  readonly resource: string;
  readonly project: Project;
  /** Known from this directory to be ours, though an earlier version put no project on it. */
  readonly remembered?: readonly ObjectRef[];
  /** Also what another resource of sluice has taken over meanwhile. */
  readonly ofAnyResource?: boolean;
  /** Namespaces hold what others put there: only when asked for. */
  readonly namespaces?: boolean;
  /** Volume claims hold data: only when asked for. */
  readonly volumes?: boolean;
  /** Waits until all is gone. */
  readonly wait?: boolean;
}

type Say = (text: string) => void;

/** Tells what is deleted and kept in the log of a resource. */
export const sayingOf =
  (resource: string, { logs, now }: Pick<Ports, 'logs' | 'now'>): Say =>
  (text) =>
    logs.line({ resource, source: 'engine' }, 'info', text, now());

/** Stays unless it is asked for: data, and what others may have put something in. */
export const staysBehind = (
  { kind }: ObjectRef,
  { namespaces = false, volumes = false }: Pick<DeleteOptions, 'namespaces' | 'volumes'> = {},
): boolean => (kind === 'Namespace' && !namespaces) || (kind === 'PersistentVolumeClaim' && !volumes);

interface Deleted {
  readonly ref: ObjectRef;
  readonly uid: unknown;
  readonly maxMs: number;
}

/** Returns what was deleted. Objects kept by annotation, by kind or because they are not ours are told in the log. */
export async function deleteObjects(
  kube: KubePort,
  refs: readonly ObjectRef[],
  options: DeleteOptions,
  ports: Pick<Ports, 'logs' | 'now'>,
  stop: AbortSignal,
): Promise<readonly ObjectRef[]> {
  const say = sayingOf(options.resource, ports);
  const downwards = ({ apiVersion, kind, name }: ObjectRef): number =>
    -kindRank({ apiVersion, kind, metadata: { name } });
  const tried = await byRank(refs, downwards, (ref) => deleteOne(kube, ref, options, say, stop));
  const deleted = tried.flat();
  if (options.wait) await Promise.all(deleted.map(({ ref, uid, maxMs }) => untilGone(kube, ref, uid, maxMs, stop)));
  return deleted.map(({ ref }) => ref);
}

async function deleteOne(
  kube: KubePort,
  ref: ObjectRef,
  options: DeleteOptions,
  say: Say,
  stop: AbortSignal,
): Promise<readonly Deleted[]> {
  if (staysBehind(ref, options)) {
    const these = ref.kind === 'Namespace' ? 'namespaces' : 'volumes';
    return kept(ref, `${these} stay (\`sluice down --${these}\` takes them too)`, say);
  }
  const existing = await kube.get(ref, stop);
  if (!existing) return [];
  const foreign = strangerTo(existing, ref, options);
  if (foreign !== null) return kept(ref, foreign, say);
  if (!options.ofAnyResource && resourceOf(existing) !== labelValue(options.resource))
    return kept(ref, `it belongs to ${resourceOf(existing)} now`, say);
  if (existing.metadata.annotations?.['sluice.dev/down'] === 'keep')
    return kept(ref, 'annotated sluice.dev/down: keep', say);
  const deleted = await remove(kube, ref, existing.metadata.uid, graceMs(existing), say, stop);
  return [deleted, ...(options.volumes ? await deleteClaims(kube, existing, say, stop) : [])];
}

/** Why it is not ours to delete, null where it is. */
function strangerTo(existing: KubeObject, ref: ObjectRef, { project, remembered = [] }: DeleteOptions): string | null {
  const standing = standingOf(existing, project);
  if (standing.is === 'another') return `it belongs to ${ownerText(standing.mark)}`;
  if (standing.is === 'unmarked') return 'not made by sluice';
  const isKnown = standing.is === 'ours' || remembered.some((each) => refKey(each) === refKey(ref));
  return isKnown ? null : 'made by an earlier version of sluice, from where is not known';
}

async function remove(
  kube: KubePort,
  ref: ObjectRef,
  uid: unknown,
  graceMs: number,
  say: Say,
  stop: AbortSignal,
): Promise<Deleted> {
  await kube.delete(ref, stop);
  say(`deleted ${nameOf(ref)}`);
  return { ref, uid, maxMs: limits.terminatingWaitMs + graceMs };
}

/** The claims that the cluster made for the pods of a StatefulSet. It leaves them behind; they bear no label of ours. */
export async function deleteClaims(
  kube: KubePort,
  set: KubeObject,
  say: Say,
  stop: AbortSignal,
): Promise<readonly Deleted[]> {
  const { name, namespace = 'default' } = set.metadata;
  const templates = set.kind === 'StatefulSet' ? list(record(set.spec).volumeClaimTemplates) : [];
  const prefixes = templates.map(({ metadata }) => `${String(record(metadata).name)}-${name}-`);
  if (prefixes.length === 0) return [];
  const isClaimed = (claim: string) =>
    prefixes.some((prefix) => claim.startsWith(prefix) && /^\d+$/.test(claim.slice(prefix.length)));
  const deleted: Deleted[] = [];
  for (const { metadata } of await kube.list('v1', 'PersistentVolumeClaim', namespace, null, stop)) {
    if (!isClaimed(metadata.name)) continue;
    const ref = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name: metadata.name, namespace };
    deleted.push(await remove(kube, ref, metadata.uid, graceMs(set), say, stop));
  }
  return deleted;
}

function kept(ref: ObjectRef, because: string, say: Say): readonly Deleted[] {
  say(`kept ${nameOf(ref)}: ${because}`);
  return [];
}
