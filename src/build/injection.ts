// From the manifests of a resource to the objects that are applied: namespace, images, supervisor, labels.
import type { KubeObject } from '../model/config.ts';
import { containerLists, isRecord, withTemplate } from '../model/manifests/workload.ts';
import { imageOf, imagesIn, inject } from '../model/manifests.ts';
import type { Ports } from '../model/ports.ts';
import { isProblemError, ProblemError, type SourcePos } from '../model/problem.ts';
import type { BuiltImage, KubeWork } from '../model/run.ts';
import { digestOf } from './input.ts';
import { type IsNamespaced, placed } from './placing.ts';
import { type PodContainer, supervise } from './supervisor.ts';

/** Refs that some object runs; the others are only bases. */
export const usedImages = (work: KubeWork): ReadonlySet<string> =>
  new Set(
    imagesIn(
      work.spec.objects.map(({ object }) => object),
      work.spec.images,
    ),
  );

/** Injected objects, each at the index it has in `work.spec.objects`. */
export async function injected(
  work: KubeWork,
  images: readonly BuiltImage[],
  isNamespaced: IsNamespaced,
  ports: Ports,
) {
  const namespace = work.kubernetes.namespace ?? 'default';
  const objects = await Promise.all(
    work.spec.objects.map(({ object, at }) =>
      placed(object, namespace, isNamespaced).catch((error) => located(error, at)),
    ),
  );
  const supervised = await withSupervisor(objects, work, images, ports);
  const names = Object.fromEntries(images.map((image) => [image.ref, image.inCluster]));
  const result = inject(supervised, { images: names, resource: work.resource, runId: work.runId, digestOf });
  const missed = result.missed.filter((ref) => !work.images.some(({ spec }) => spec.bases.includes(ref)));
  if (missed.length > 0) throw noManifest(work, missed[0] ?? '');
  return result;
}

/** A refusal is told with the place of the manifest, where it has none of its own. */
export function located(error: unknown, at: SourcePos): never {
  if (isProblemError(error) && !error.problem.at) throw new ProblemError({ ...error.problem, at });
  throw error;
}

const noManifest = (work: KubeWork, ref: string): ProblemError =>
  new ProblemError({
    kind: 'yours',
    code: 'S263',
    what: `the image ${ref} is in no manifest of ${work.resource}`,
    hint: 'the reference in `images` must be the one the manifests name',
    at: work.images.find(({ spec }) => spec.ref === ref)?.spec.at ?? work.spec.at,
  });

/** Containers whose image restarts its process in place run it under the supervisor. */
async function withSupervisor(
  objects: readonly KubeObject[],
  work: KubeWork,
  images: readonly BuiltImage[],
  ports: Ports,
): Promise<readonly KubeObject[]> {
  const refs = work.images
    .filter(({ spec }) => spec.live.some((rule) => rule.is === 'restart' && rule.what === 'process'))
    .map(({ spec }) => spec.ref);
  if (refs.length === 0) return objects;
  const docker = await ports.docker();
  const known = new Map<string, Awaited<ReturnType<typeof docker.image>>>();
  for (const ref of refs) known.set(ref, await docker.image(images.find((image) => image.ref === ref)?.id ?? ref));
  const allRefs = work.images.map(({ spec }) => spec.ref);
  return objects.map((object) =>
    withTemplate(object, ({ metadata, spec }) => {
      const changed: Record<string, unknown> = { ...spec };
      // Init containers end by themselves: there is nothing to restart.
      for (const key of containerLists.filter((it) => it === 'containers'))
        if (Array.isArray(spec[key]))
          changed[key] = spec[key].map((container) => supervised(container, allRefs, known));
      return { metadata, spec: changed };
    }),
  );
}

function supervised(
  container: unknown,
  refs: readonly string[],
  known: ReadonlyMap<string, { entrypoint: readonly string[]; cmd: readonly string[] } | null>,
): unknown {
  if (!isRecord(container) || typeof container.image !== 'string') return container;
  const ref = imageOf(container.image, refs);
  if (ref === null || !known.has(ref)) return container;
  return supervise(container as unknown as PodContainer, known.get(ref) ?? { entrypoint: [], cmd: [] });
}
