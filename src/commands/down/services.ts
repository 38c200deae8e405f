// `down` of what Compose services have on the Docker daemon.
import type { ComposeSpec, Config } from '../../model/config.ts';
import type { Ports } from '../../model/ports.ts';
import { type DownOptions, projectDown } from '../../update/compose/down.ts';

interface Asked {
  readonly only: readonly string[];
  readonly volumes: boolean;
  readonly images: 'local' | 'all' | null;
  readonly orphans: boolean;
  readonly say: (text: string) => void;
}

/** True where there was anything. */
export async function servicesDown(
  config: Config,
  request: Asked,
  ports: Pick<Ports, 'docker'>,
  stop: AbortSignal,
): Promise<boolean> {
  const specs = Object.values(config.resources).filter((spec) => spec.kind === 'compose');
  let found = false;
  for (const project of new Set(specs.map(({ compose }) => compose.name))) {
    const own = specs.filter(({ compose }) => compose.name === project);
    const only = own.filter(({ name }) => request.only.includes(name)).map(({ service }) => service);
    if (request.only.length > 0 && only.length === 0) continue;
    const isDown = await projectDown(optionsOf(project, own, only, request), await ports.docker(), request.say, stop);
    found = isDown || found;
  }
  return found;
}

const optionsOf = (
  project: string,
  specs: readonly ComposeSpec[],
  only: readonly string[],
  { volumes, images, orphans }: Asked,
): DownOptions => ({
  project,
  services: new Map(specs.map(({ service, needs }) => [service, needs.map(({ name }) => name)])),
  only,
  volumes,
  orphans,
  images:
    images === null ? [] : specs.filter((spec) => images === 'all' || !spec.config.image).map(({ image }) => image),
  external: specs.flatMap((spec) => externalOf(spec)),
});

const externalOf = ({ networks, volumes }: ComposeSpec): readonly string[] =>
  [...Object.entries(networks), ...Object.entries(volumes)].flatMap(([key, part]) =>
    part.external ? [part.name ?? key] : [],
  );
