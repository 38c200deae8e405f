// Desired objects: the built images, our labels, and the hashes by which an unchanged object is known.
import type { KubeObject } from '../../config.ts';
import {
  digestAnnotation,
  originAnnotation,
  placeAnnotation,
  projectLabel,
  resourceLabel,
  runIdLabel,
  templateLabel,
} from '../../labels.ts';
import { type Project, placeOfProject } from '../../project.ts';
import { labelValue } from '../../text/fitted-name.ts';
import { lookup } from '../../text/lookup.ts';
import { objectKey } from '../identity.ts';
import { type Origin, originText } from '../origin.ts';
import { workloadOf } from '../replicas.ts';
import { stableJson } from '../stable-json.ts';
import {
  containerLists,
  isRecord,
  type Json,
  type PodTemplate,
  podTemplate,
  record,
  withTemplate,
} from '../workload.ts';
import { imageOf } from './image.ts';
import { type ImagePlaces, withPlaces } from './places.ts';

export interface Injection {
  /** Ref as in the configuration → reference to run. */
  readonly images: Readonly<Record<string, string>>;
  /** Where else than in containers they stand. */
  readonly places?: ImagePlaces;
  readonly resource: string;
  readonly project: Project;
  /** Where it was deployed from, and what must go after it. */
  readonly origin: Pick<Origin, 'namespace' | 'config' | 'needs'>;
  readonly runId: string;
  /** Hex digest of a text, at least 16 characters. */
  readonly digestOf: (text: string) => string;
}

/** What tells the pods of a workload as it is now from older ones, and how many there should be. */
export interface PodsWanted {
  /** Value of the label `sluice-template` on them. */
  readonly hash: string;
  readonly kind: string;
  readonly replicas: number;
  /** The workload as it was applied; its status counts from this generation on. */
  readonly controller?: {
    readonly uid: string;
    readonly name: string;
    readonly namespace: string;
    readonly generation: number;
  };
  /** A Job that had run to its end before, with this very manifest. */
  readonly isDone?: boolean;
}

export interface Injected {
  readonly objects: readonly KubeObject[];
  /** Of each workload, in the order of the objects. */
  readonly templates: readonly PodsWanted[];
  /** Refs of `images` that no object names. Bases of other images are expected here. */
  readonly missed: readonly string[];
}

const managedBy = 'app.kubernetes.io/managed-by';

/**
 * The same objects, ready to be applied. Selectors and volume claim templates stay as they are: they cannot be changed on an
 * existing object. The annotation `sluice.dev/digest` leaves the run id out, so an object that is there with the same one
 * need not be touched by a new session.
 */
export function inject(objects: readonly KubeObject[], injection: Injection): Injected {
  const used = new Set<string>();
  const templates: PodsWanted[] = [];
  const injected = objects.map((object) => {
    const desired = withLabels(withImages(object, injection, used), injection);
    const hashed = withHash(desired, objects, injection, templates);
    return withRun(hashed, injection.digestOf(stableJson(hashed)), injection);
  });
  return { objects: injected, templates, missed: Object.keys(injection.images).filter((ref) => !used.has(ref)) };
}

/** What has pods, with the hash of their template on them. */
function withHash(
  object: KubeObject,
  all: readonly KubeObject[],
  { digestOf }: Injection,
  templates: PodsWanted[],
): KubeObject {
  const template = podTemplate(object);
  if (template === null) return object;
  const hash = digestOf(stableJson(template)).slice(0, 10);
  const workload = workloadOf(object, all);
  if (workload) templates.push({ hash, kind: workload.kind, replicas: workload.replicas });
  return withTemplate(object, (pod) => labelled(pod, { [templateLabel]: hash }));
}

function withImages(given: KubeObject, { images, places = {} }: Injection, used: Set<string>): KubeObject {
  const refs = Object.keys(images);
  const object = withPlaces(given, places, (ref) => {
    used.add(ref);
    return lookup(images, ref) ?? ref;
  });
  const built = (image: unknown): string | null => {
    const ref = typeof image === 'string' ? imageOf(image, refs) : null;
    if (ref === null) return null;
    used.add(ref);
    return lookup(images, ref) ?? null;
  };
  return withTemplate(object, ({ metadata, spec }) => {
    const changed: Record<string, unknown> = { ...spec };
    for (const key of containerLists)
      if (Array.isArray(spec[key]))
        changed[key] = spec[key].map((each) => (isRecord(each) ? container(each, built(each.image)) : each));
    if (Array.isArray(spec.volumes))
      changed.volumes = spec.volumes.map((each) =>
        isRecord(each) ? volume(each, built(record(each.image).reference)) : each,
      );
    return { metadata, spec: changed };
  });
}

/** `Always` would ask a registry for an image that a local cluster may hold without one. */
const container = (spec: Json, image: string | null): Json =>
  image === null ? spec : { ...spec, image, imagePullPolicy: 'IfNotPresent' };

const volume = (spec: Json, reference: string | null): Json =>
  reference === null ? spec : { ...spec, image: { ...record(spec.image), reference, pullPolicy: 'IfNotPresent' } };

/** Labels of the manifest win over ours that say nothing of whose it is: charts and operators select by what they gave. */
function withLabels(object: KubeObject, { resource, project }: Injection): KubeObject {
  const ours = { [resourceLabel]: labelValue(resource), [projectLabel]: project.label };
  const place = placeOfProject(project);
  const marked = ({ annotations, ...metadata }: Json): Json => {
    // A manifest taken from a cluster may carry the place of another project.
    const { [placeAnnotation]: _, ...others } = record(annotations);
    const all = place === null ? others : { ...others, [placeAnnotation]: place };
    return {
      ...metadata,
      labels: { [managedBy]: 'sluice', ...record(metadata.labels), ...ours },
      ...(Object.keys(all).length > 0 ? { annotations: all } : {}),
    };
  };
  const own = { ...object, metadata: marked(object.metadata) as KubeObject['metadata'] };
  if (object.kind === 'Pod') return own;
  return withTemplate(own, ({ metadata, spec }) => ({ metadata: marked(metadata), spec }));
}

/** What may differ from session to session is no part of the digest. */
function withRun(object: KubeObject, digest: string, { runId, origin }: Injection): KubeObject {
  const label = { [runIdLabel]: runId };
  const { metadata } = withLabel(object, label);
  const said = originText({ ...origin, object: objectKey(object) });
  const annotations = { ...metadata.annotations, [digestAnnotation]: digest, [originAnnotation]: said };
  return withTemplate({ ...object, metadata: { ...metadata, annotations } }, (template) => labelled(template, label));
}

const withLabel = (object: KubeObject, labels: Readonly<Record<string, string>>): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, labels: { ...object.metadata.labels, ...labels } },
});

const labelled = ({ metadata, spec }: PodTemplate, labels: Json): PodTemplate => ({
  metadata: { ...metadata, labels: { ...record(metadata.labels), ...labels } },
  spec,
});
