// `pull`: the images that services name, each once.
import { lastValueFrom } from 'rxjs';
import { allNeeds } from '../../model/config/all-needs.ts';
import type { ComposeSpec, Config } from '../../model/config.ts';
import type { DockerPort } from '../../model/ports.ts';
import { isProblemError } from '../../model/problems/problem.ts';
import { lookup } from '../../model/text/lookup.ts';
import { type OfServices, serviceNamed, withServices } from '../service/services.ts';

export interface PullRequest extends OfServices {
  /** Empty for all. */
  readonly services: readonly string[];
  /** Instead of `pull_policy`. */
  readonly policy: 'always' | 'missing' | null;
  /** With what they need. */
  readonly withNeeds: boolean;
  /** Without what can be built here. */
  readonly isUnbuiltOnly: boolean;
  /** What cannot be pulled is left out. */
  readonly isLenient: boolean;
  readonly say: (text: string) => void;
}

export const pullImages = (request: PullRequest): Promise<number> =>
  withServices(request, async (specs, ports, stop, config) => {
    const docker = await ports.docker();
    const images = new Map(
      servicesOf(request, specs, config)
        .filter((spec) => isPulled(spec, request))
        .map((spec) => [`${spec.image} ${spec.config.platform ?? ''}`, spec]),
    );
    let count = 0;
    for (const spec of images.values()) if (await pulled(spec, request, docker, stop)) count++;
    request.say(count === 0 ? 'nothing to pull' : 'all pulled');
    return 0;
  });

function servicesOf(
  { services, withNeeds }: PullRequest,
  specs: readonly ComposeSpec[],
  config: Config,
): readonly ComposeSpec[] {
  if (services.length === 0) return specs;
  const named = services.map((name) => serviceNamed(name, specs, config));
  if (!withNeeds) return named;
  const byName = Object.fromEntries(specs.map((spec) => [spec.name, spec]));
  const needsOf = (name: string) => (lookup(byName, name)?.needs ?? []).map((need) => need.name);
  const needed = new Set(named.flatMap(({ name }) => [name, ...allNeeds(name, needsOf)]));
  return specs.filter(({ name }) => needed.has(name));
}

/** As `docker compose pull` has it: what has no name but that of its build is nowhere, and some are meant to stay as they are. */
function isPulled({ config }: ComposeSpec, { policy, isUnbuiltOnly }: PullRequest): boolean {
  const { image, build, pull_policy: own } = config;
  if (image === undefined || (build && isUnbuiltOnly)) return false;
  return policy !== null || (own !== 'never' && own !== 'build');
}

/** False where it is there and that will do, or where it cannot be pulled and need not be: that is said. */
async function pulled(
  spec: ComposeSpec,
  { policy, isLenient, say }: PullRequest,
  docker: DockerPort,
  stop: AbortSignal,
): Promise<boolean> {
  const { image, config } = spec;
  if ((policy ?? config.pull_policy) === 'missing' && (await docker.image(image))) return false;
  say(`pulling ${image}`);
  try {
    await lastValueFrom(docker.engine.pull(image, config.platform ?? null, stop), { defaultValue: null });
    return true;
  } catch (error) {
    if (!isProblemError(error) || !(isLenient || config.build)) throw error;
    say(`${image} is left out${config.build ? ', it can be built' : ''}: ${error.message}`);
    return false;
  }
}
