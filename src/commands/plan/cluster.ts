// What the cluster says to a plan: its warnings, what it refuses, what is not ours, and how each object would change.
import { basename } from 'node:path';
import type { Config, KubeSpec } from '../../model/config.ts';
import { imagesIn, placesOf, secretsOf } from '../../model/manifests.ts';
import type { DockerPort, KubePort, Ports } from '../../model/ports.ts';
import { isProblemError, type Problem } from '../../model/problems/problem.ts';
import { neverBuilt, unplannedWork } from '../../model/run/unplanned-work.ts';
import type { BuiltImage, KubeWork } from '../../model/run.ts';
import { createDeployedNotes, type DeployedNotes, placeOf } from '../../update/deploy/notes.ts';
import { type Preview, preview } from '../../update/deploy/preview.ts';
import type { ImageCache } from '../../update/image/known/known-images.ts';
import { type Destination, inCluster, repositoryOf } from '../../update/image/registry.ts';
import { refuseUnasked } from '../../update/image/unasked-push.ts';
import { objectDiff } from './diff.ts';
import type { ImagePlan } from './images.ts';

export interface Asking {
  readonly config: Config;
  readonly kube: KubePort;
  /** Null: not there. */
  readonly docker: DockerPort | null;
  readonly namespace: string;
  readonly notes: DeployedNotes;
  readonly cache: ImageCache;
  readonly destination: Destination | null;
  readonly ports: Ports;
  readonly stop: AbortSignal;
}

export const notesOf = ({ dir, file }: Config, { disk }: Ports): DeployedNotes =>
  createDeployedNotes(disk, dir, basename(file));

/** Rejects where the cluster is out of reach. */
async function previewOf(spec: KubeSpec, plans: readonly ImagePlan[], asking: Asking): Promise<readonly Preview[]> {
  const { config, kube, ports, stop } = asking;
  const images = await Promise.all(plans.map((plan) => builtAs(plan, asking)));
  const all = Object.values(config.resources).flatMap((each) =>
    each.kind === 'kubernetes' ? each.objects.map(({ object }) => object) : [],
  );
  const work = await workOf(spec, images.flat(), asking);
  // Without Docker nobody knows how an image starts its process: it is shown as the manifest has it.
  const docker = async (): Promise<DockerPort> =>
    asking.docker ?? ({ image: async () => null } as unknown as DockerPort);
  return preview(images.flat(), { work, kube, ports: { ...ports, docker }, all, stop });
}

async function workOf(spec: KubeSpec, images: readonly BuiltImage[], asking: Asking): Promise<KubeWork> {
  const { config, kube, namespace, notes } = asking;
  const note = await notes.recall(placeOf(kube.info, namespace), spec.name);
  const used = neverBuilt(config, spec.images).map((image) => ({
    ...image,
    last: images.find(({ ref }) => ref === image.spec.ref) ?? null,
  }));
  return {
    ...unplannedWork(config, spec.name, used),
    kind: 'kubernetes',
    run: 'plan',
    runId: 'plan',
    spec,
    kubernetes: { context: null, allow: [], registry: null, ...config.kubernetes, namespace },
    config: basename(config.file),
    adopt: false,
    remembered: note.objects,
    deployed: { objects: note.objects, templates: [], namespace, alreadyDone: false, images: {}, jobs: note.jobs },
  };
}

/** The image that would be used again; for one that is to be built a name that says so. */
async function builtAs(
  { ref, action, tagged }: ImagePlan,
  { cache, destination }: Asking,
): Promise<readonly BuiltImage[]> {
  if (action === 'elsewhere') return [];
  const known = await cache.remembered(ref);
  const same = known.find((image) => image.tagged === tagged);
  if (same) return [same];
  const name = `${repositoryOf(ref, destination?.host ?? null)}:not-built-yet`;
  const last = known[0];
  return [
    {
      ref,
      // How its process starts is known from the last one.
      id: last?.id ?? name,
      tagged: name,
      inCluster: destination ? inCluster(name, destination) : name,
      pushed: null,
      inputDigest: '',
      change: 0,
      layers: 0,
    },
  ];
}

export type Answered =
  | { readonly problems: readonly Problem[]; readonly warnings: readonly string[]; readonly diff?: string }
  /** It could not be asked. */
  | { readonly away: Problem };

/** `isDiff`: how its objects would change as well. */
export async function answered(
  spec: KubeSpec,
  plans: readonly ImagePlan[],
  isDiff: boolean,
  asking: Asking,
): Promise<Answered> {
  const { scrub } = asking.ports.logs;
  const unasked = pushesUnasked(spec, plans, asking);
  try {
    const previews = await previewOf(spec, plans, asking);
    // Values that are on their way out are secret as well.
    asking.ports.logs.hide(secretsOf(previews.flatMap(({ before }) => before ?? [])));
    const warnings = previews.flatMap(({ ref, warnings: texts }) =>
      texts.map((text) => scrub(`${ref.kind.toLowerCase()}/${ref.name}: ${text}`)),
    );
    return {
      problems: [...unasked, ...previews.flatMap(({ problems }) => problems)],
      warnings,
      ...(isDiff ? { diff: previews.map((each) => objectDiff(each, scrub)).join('') } : {}),
    };
  } catch (error) {
    if (!isProblemError(error)) throw error;
    const { problem } = error;
    if (problem.kind === 'unavailable' || problem.kind === 'timeout') return { away: problem };
    return { problems: [...unasked, problem], warnings: [] };
  }
}

/** Images that would go to a registry that nobody named: a deploy would end with that. */
function pushesUnasked({ objects, images }: KubeSpec, plans: readonly ImagePlan[], asking: Asking): readonly Problem[] {
  const { config, destination } = asking;
  const placed = placesOf(Object.values(config.images));
  const used = imagesIn(
    objects.map(({ object }) => object),
    images,
    placed,
  );
  return plans.flatMap(({ ref, action, at }): Problem[] => {
    if (destination === null || action === 'elsewhere' || !used.includes(ref)) return [];
    try {
      refuseUnasked(ref, destination);
      return [];
    } catch (error) {
      if (!isProblemError(error)) throw error;
      return [{ at, ...error.problem }];
    }
  });
}
