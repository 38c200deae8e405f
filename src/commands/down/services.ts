// `down` of what Compose services have on the Docker daemon.
import type { ComposeSpec, Config } from '../../model/config.ts';
import { imageRefLabel } from '../../model/labels.ts';
import type { DockerPort, Ports } from '../../model/ports.ts';
import type { Project } from '../../model/project.ts';
import { type DownOptions, projectDown } from '../../update/compose/down.ts';
import { isBuiltFor, isGivenTag } from '../../update/image/labels.ts';

interface Asked {
  readonly only: readonly string[];
  readonly volumes: boolean;
  readonly images: 'local' | 'all' | null;
  readonly orphans: boolean;
  readonly graceS: number | null;
  readonly say: (text: string) => void;
}

/** True where there was anything. */
export async function servicesDown(
  config: Config,
  request: Asked,
  ports: Pick<Ports, 'docker' | 'logs' | 'now'>,
  stop: AbortSignal,
): Promise<boolean> {
  const specs = Object.values(config.resources).filter((spec) => spec.kind === 'compose');
  let found = false;
  for (const project of new Set(specs.map(({ compose }) => compose.name))) {
    const own = specs.filter(({ compose }) => compose.name === project);
    const only = own.filter(({ name }) => request.only.includes(name)).map(({ service }) => service);
    if (request.only.length > 0 && only.length === 0) continue;
    const docker = await ports.docker();
    const options = optionsOf(project, own, only, request);
    const images = [...options.images, ...(await builtTags(options.images, config.project, docker))];
    const isDown = await projectDown({ ...options, images }, { docker, ports, ...request, stop });
    found = isDown || found;
  }
  return found;
}

/** Names that builds of sluice have given the same images: one by one, each save makes another. */
async function builtTags(refs: readonly string[], project: Project, docker: DockerPort): Promise<readonly string[]> {
  if (refs.length === 0) return [];
  const built = (await docker.images(imageRefLabel)).filter(({ labels }) =>
    refs.some((ref) => isBuiltFor(labels, ref, project)),
  );
  return built.flatMap(({ tags }) => tags.filter(isGivenTag));
}

const optionsOf = (
  project: string,
  specs: readonly ComposeSpec[],
  only: readonly string[],
  { volumes, images, orphans }: Asked,
): DownOptions => ({
  project,
  services: new Map(specs.map((spec) => [spec.service, spec])),
  only,
  inactive: specs[0]?.compose.inactive ?? [],
  volumes: volumes ? [...new Set(specs.flatMap(declaredVolumes))] : null,
  orphans: orphans || specs[0]?.compose.orphans === 'removed' ? 'removed' : (specs[0]?.compose.orphans ?? 'told'),
  images:
    images === null ? [] : specs.filter((spec) => images === 'all' || !spec.config.image).map(({ image }) => image),
});

/** Those of the project itself: what is in an external one is somebody else's. */
const declaredVolumes = ({ volumes }: ComposeSpec): readonly string[] =>
  Object.entries(volumes).flatMap(([key, { name = key, external }]) => (external ? [] : [name]));
