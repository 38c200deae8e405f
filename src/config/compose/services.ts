// Services of a Compose project as resources, and what they are built from as images.
import { imageName } from '../../model/compose/names.ts';
import type { ComposeDependency, ComposeProject, ComposeService } from '../../model/compose.ts';
import type { ComposePlace, ComposeSpec, ImageSpec, Need } from '../../model/config.ts';
import { limits } from '../../model/limits.ts';
import type { SourcePos } from '../../model/problems/problem.ts';
import { lookup } from '../../model/text/lookup.ts';
import { digestOf } from '../digest.ts';

/** Where something of the project stands: `['services', 'web', 'develop', 'watch', 0]`. */
export type Places = (path: readonly (string | number)[]) => SourcePos;

export interface ComposeParts {
  readonly project: ComposeProject;
  readonly place: ComposePlace;
  readonly at: Places;
  /** As COMPOSE_PARALLEL_LIMIT has it. */
  readonly parallel: number | null;
}

/** What the containers of a service are made from. */
export const imageOfService = (project: string, name: string, service: ComposeService): string =>
  service.image ?? imageName(project, name);

/** An image that several services pull, as one of them runs it. */
export const pulledBy = (ref: string, service: string): string => `${ref} (${service})`;

/** In the order of the file; `images` are those of the whole configuration. */
export function composeSpecs(parts: ComposeParts, images: Readonly<Record<string, ImageSpec>>): readonly ComposeSpec[] {
  const { services } = parts.project;
  const awaited = new Set(
    Object.values(services).flatMap(({ depends_on: needs }) =>
      Object.entries(needs ?? {}).flatMap(([name, { condition }]) =>
        condition === 'service_completed_successfully' ? [name] : [],
      ),
    ),
  );
  return Object.entries(services).map(([name, service]) => specOf(name, service, awaited.has(name), parts, images));
}

function specOf(
  name: string,
  service: ComposeService,
  isJob: boolean,
  { project, place, at }: ComposeParts,
  images: Readonly<Record<string, ImageSpec>>,
): ComposeSpec {
  const image = imageOfService(project.name, name, service);
  const { develop: _, ...config } = service;
  const own = { config: service, ...usedBy(service, project) };
  const pulled = pulledBy(image, name);
  const refs = withBases(Object.hasOwn(images, pulled) ? pulled : image, images);
  const replicas = service.scale ?? service.deploy?.replicas ?? 1;
  return {
    kind: 'compose',
    name,
    at: at(['services', name]),
    labels: [],
    needs: Object.entries(service.depends_on ?? {}).flatMap(([other, need]) =>
      Object.hasOwn(project.services, other) ? [needOf(other, need)] : [],
    ),
    trigger: 'auto',
    start: true,
    onChange: 'smart',
    debounce: { quietMs: limits.debounceQuietMs, maxMs: limits.debounceMaxMs },
    links: [],
    service: name,
    compose: place,
    ...own,
    images: refs,
    image,
    replicas,
    ready: isJob ? 'job' : 'running',
    digest: digestOf({
      ...own,
      config,
      place: { name: place.name, dir: place.dir, files: place.files },
      replicas,
      isJob,
      images: refs.map((ref) => {
        const { build, files } = lookup(images, ref) ?? {};
        return { ref, build, files };
      }),
    }),
  };
}

/** What a service uses of that which the project declares beside its services. */
function usedBy(service: ComposeService, { networks, volumes, secrets, configs }: ComposeParts['project']) {
  const sources = (entries: readonly { readonly source?: string | null }[] | undefined): readonly string[] =>
    (entries ?? []).flatMap(({ source }) => source ?? []);
  return {
    networks: named(networks, Object.keys(service.networks ?? {})),
    volumes: named(volumes, sources(service.volumes)),
    secrets: named(secrets, sources(service.secrets)),
    configs: named(configs, sources(service.configs)),
  };
}

const named = <T>(all: Readonly<Record<string, T>> | undefined, names: readonly string[]): Record<string, T> =>
  Object.fromEntries(names.flatMap((key) => (all && Object.hasOwn(all, key) ? [[key, all[key] as T]] : [])));

const needOf = (name: string, { condition, restart, required }: ComposeDependency): Need => ({
  name,
  update: restart ? 'restart' : 'order',
  ...(condition === 'service_started' ? { until: 'started' as const } : {}),
  ...(required ? {} : { isOptional: true }),
});

/** The image and those that it is built from, bases first; none for one that is only pulled. */
function withBases(ref: string, images: Readonly<Record<string, ImageSpec>>): readonly string[] {
  const ordered = new Set<string>();
  const open = new Set<string>();
  const add = (name: string): void => {
    const image = lookup(images, name);
    if (!image || open.has(name)) return;
    open.add(name);
    image.bases.forEach(add);
    ordered.add(name);
  };
  add(ref);
  return [...ordered];
}
