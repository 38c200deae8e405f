// From the manifests of a resource to the objects that are applied: namespace, images, supervisor, labels.
import type { ContainerStart, KubeObject } from '../../model/config.ts';
import { containerLists, isRecord, isSidecar, type Json, withTemplate } from '../../model/manifests/workload.ts';
import { imageOf, imagesIn, inject, placesOf } from '../../model/manifests.ts';
import type { DockerImage, Ports } from '../../model/ports.ts';
import { isProblemError, ProblemError, type SourcePos } from '../../model/problems/problem.ts';
import type { BuiltImage, KubeWork } from '../../model/run.ts';
import { digestOf } from '../image/known/input-digest.ts';
import { type PodContainer, restartsProcess, supervisable, supervise } from '../live/supervisor.ts';
import { type IsNamespaced, placed } from './objects/namespaces.ts';

/** Refs that some object runs; the others are only bases. */
export const usedImages = (work: KubeWork): ReadonlySet<string> =>
  new Set(
    imagesIn(
      work.spec.objects.map(({ object }) => object),
      work.spec.images,
      placesOf(work.images.map(({ spec }) => spec)),
    ),
  );

/** Injected objects, each at the index it has in `work.spec.objects`. */
export async function injected(
  work: KubeWork,
  images: readonly BuiltImage[],
  isNamespaced: IsNamespaced,
  ports: Ports,
  stop: AbortSignal,
) {
  const namespace = work.kubernetes.namespace ?? 'default';
  const objects = await Promise.all(
    work.spec.objects.map(({ object, at }) =>
      placed(object, namespace, isNamespaced).catch((error) => located(error, at)),
    ),
  );
  const supervised = await withSupervisor(withStarts(objects, work), work, images, ports, stop);
  const names = Object.fromEntries(images.map((image) => [image.ref, image.inCluster]));
  const result = inject(supervised, {
    images: names,
    places: placesOf(work.images.map(({ spec }) => spec)),
    resource: work.resource,
    project: work.project,
    origin: { namespace, config: work.config, needs: work.spec.needs.map(({ name }) => name) },
    runId: work.runId,
    digestOf,
  });
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

/** Containers whose image says how they start for development. */
function withStarts(objects: readonly KubeObject[], work: KubeWork): readonly KubeObject[] {
  const starts = new Map(work.images.flatMap(({ spec }) => (spec.start ? [[spec.ref, spec.start] as const] : [])));
  if (starts.size === 0) return objects;
  const refs = work.images.map(({ spec }) => spec.ref);
  return objects.map((object) =>
    inLastingContainers(object, (container) => {
      const ref = typeof container.image === 'string' ? imageOf(container.image, refs) : null;
      const start = ref === null ? undefined : starts.get(ref);
      return start ? started(container, start) : container;
    }),
  );
}

/** Arguments are those of the command that they were written for. */
function started({ args, ...container }: Json, start: ContainerStart): Json {
  const kept = start.args ?? (start.command === null ? args : undefined);
  return {
    ...container,
    ...(start.command === null ? {} : { command: start.command }),
    ...(kept === undefined ? {} : { args: kept }),
  };
}

/** Other init containers do a thing of their own and end by themselves. */
function inLastingContainers(object: KubeObject, change: (container: Json) => unknown): KubeObject {
  return withTemplate(object, ({ metadata, spec }) => {
    const changed: Record<string, unknown> = { ...spec };
    for (const key of containerLists)
      if (Array.isArray(spec[key]))
        changed[key] = spec[key].map((container) =>
          isRecord(container) && (key === 'containers' || (key === 'initContainers' && isSidecar(container)))
            ? change(container)
            : container,
        );
    return { metadata, spec: changed };
  });
}

/** Containers whose image restarts its process in place run it under the supervisor, where the image has what that needs. */
async function withSupervisor(
  objects: readonly KubeObject[],
  work: KubeWork,
  images: readonly BuiltImage[],
  ports: Ports,
  stop: AbortSignal,
): Promise<readonly KubeObject[]> {
  const commands = new Map<string, Command>();
  for (const { spec } of work.images) {
    if (!restartsProcess(spec)) continue;
    const built = images.find((image) => image.ref === spec.ref) ?? null;
    const found = await supervisable(spec.ref, built, ports.docker, stop);
    if (found.is === 'yes') commands.set(spec.ref, found.image);
    else {
      const text = `${spec.ref}: ${found.because}: it is deployed as it is, and a change makes a full build`;
      ports.logs.line({ resource: work.resource, source: 'build', run: work.run }, 'warn', text, ports.now());
    }
  }
  if (commands.size === 0) return objects;
  const refs = work.images.map(({ spec }) => spec.ref);
  return objects.map((object) => inLastingContainers(object, (container) => supervised(container, refs, commands)));
}

type Command = Pick<DockerImage, 'entrypoint' | 'cmd'>;

function supervised(container: unknown, refs: readonly string[], commands: ReadonlyMap<string, Command>): unknown {
  if (!isRecord(container) || typeof container.image !== 'string') return container;
  const ref = imageOf(container.image, refs);
  const command = ref === null ? undefined : commands.get(ref);
  return command ? supervise(container as unknown as PodContainer, command) : container;
}
