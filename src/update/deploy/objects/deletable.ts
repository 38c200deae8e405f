// Which of the objects that are to go are ours to delete, as they are in the cluster now. What stays is told in the log.
import type { KubeObject, ObjectRef } from '../../../model/config.ts';
import { downAnnotation } from '../../../model/labels.ts';
import type { Going } from '../../../model/manifests/down-order.ts';
import { originOf } from '../../../model/manifests/origin.ts';
import type { KubePort, Ports } from '../../../model/ports.ts';
import type { Project } from '../../../model/project.ts';
import { labelValue } from '../../../model/text/fitted-name.ts';
import { graceMs } from './await-deletion.ts';
import { refKey } from './namespaces.ts';
import { nameOf, ownershipOf, ownerText, resourceOf } from './ownership.ts';
import { byRank } from './ranks.ts';
import { claimsOf } from './volume-claims.ts';

/** What is to go of one resource. */
export interface Part {
  readonly resource: string;
  readonly refs: readonly ObjectRef[];
  /** What its resource needs; where it is not known the objects themselves say it. */
  readonly needs?: readonly string[];
  /** Known from this directory to be ours, though an earlier version put no project on it. */
  readonly remembered?: readonly ObjectRef[];
  /** Also what another resource of this project has taken over meanwhile. */
  readonly ofAnyResource?: boolean;
}

export interface DeleteOptions {
  readonly project: Project;
  /** Namespaces hold what others put there: only when asked for. */
  readonly namespaces?: boolean;
  /** Volumes and claims hold data: only when asked for. */
  readonly volumes?: boolean;
  /** Waits until all is gone; otherwise only for what has to go before something else. */
  readonly wait?: boolean;
}

export type Say = (text: string) => void;
export type SayingPorts = Pick<Ports, 'logs' | 'now'>;

/** Tells what is deleted and kept in the log of a resource. */
export const sayingOf =
  (resource: string, { logs, now }: SayingPorts): Say =>
  (text) =>
    logs.line({ resource, source: 'engine' }, 'info', text, now());

/** Stays unless it is asked for: data, and what others may have put something in. */
export const staysBehind = (
  { kind }: ObjectRef,
  { namespaces = false, volumes = false }: Pick<DeleteOptions, 'namespaces' | 'volumes'> = {},
): boolean => (kind === 'Namespace' && !namespaces) || (/^PersistentVolume(Claim)?$/.test(kind) && !volumes);

/** Something that goes. */
export interface Doomed extends Going {
  readonly object: KubeObject;
  /** What its pods are given to end, ms. */
  readonly graceMs: number;
  readonly say: Say;
}

export async function doomedIn(
  kube: KubePort,
  parts: readonly Part[],
  options: DeleteOptions,
  ports: SayingPorts,
  stop: AbortSignal,
): Promise<readonly Doomed[]> {
  const asked = parts.flatMap((part) => part.refs.map((ref) => ({ part, ref })));
  const together = () => 0;
  const found = await byRank(asked, together, async ({ part, ref }) => {
    const say = sayingOf(part.resource, ports);
    const object = await existing(kube, part, ref, options, say, stop);
    if (!object) return [];
    const own = { ref, object, say, graceMs: graceMs(object), resource: labelValue(part.resource) };
    const claims = options.volumes ? await claimsOf(kube, object, options.project, stop) : [];
    return [own, ...claims.map((claim): Doomed => ({ ...own, ...claim }))];
  });
  return [...new Map(found.flat().map((each) => [refKey(each.ref), each])).values()];
}

async function existing(
  kube: KubePort,
  part: Part,
  ref: ObjectRef,
  options: DeleteOptions,
  say: Say,
  stop: AbortSignal,
): Promise<KubeObject | null> {
  const kept = (because: string): null => {
    say(`kept ${nameOf(ref)}: ${because}`);
    return null;
  };
  if (staysBehind(ref, options)) {
    const these = ref.kind === 'Namespace' ? 'namespaces' : 'volumes';
    return kept(`${these} stay (\`sluice down --${these}\` takes them too)`);
  }
  const object = await kube.get(ref, stop);
  if (!object) return null;
  const because = whyKept(object, part, ref, options.project);
  return because === null ? object : kept(because);
}

/** Null where it is ours to delete. */
function whyKept(object: KubeObject, part: Part, ref: ObjectRef, project: Project): string | null {
  const ownership = ownershipOf(object, project);
  if (ownership.is === 'another') return `it belongs to ${ownerText(ownership.mark)}`;
  if (ownership.is === 'unmarked') return 'not made by sluice';
  if (ownership.is === 'earlier' && !part.remembered?.some((each) => refKey(each) === refKey(ref)))
    return 'made by an earlier version of sluice, from where is not known';
  if (ownership.is === 'ours' && !part.ofAnyResource && resourceOf(object) !== labelValue(part.resource))
    return `it belongs to ${resourceOf(object)} now`;
  return object.metadata.annotations?.[downAnnotation] === 'keep' ? `annotated ${downAnnotation}: keep` : null;
}

/** By labels, as the cluster knows resources. */
export function needsOf(parts: readonly Part[], doomed: readonly Doomed[]): (resource: string) => readonly string[] {
  const needs = new Map<string, readonly string[]>();
  for (const { resource, object } of doomed) {
    const said = originOf(object)?.needs ?? [];
    if (said.length > 0) needs.set(resource, said.map(labelValue));
  }
  for (const part of parts) if (part.needs) needs.set(labelValue(part.resource), part.needs.map(labelValue));
  return (resource) => needs.get(resource) ?? [];
}
