// The image of a service for a command of its own: the one that is there, or built or pulled, with what is said of that on stderr.
import type { ComposeSpec, Config } from '../../model/config.ts';
import type { Ports } from '../../model/ports.ts';
import { neverBuilt, unplannedWork } from '../../model/run/unplanned-work.ts';
import type { BuiltImage, ComposeWork } from '../../model/run.ts';
import { pulledImage } from '../../update/compose/image.ts';
import { buildImage } from '../../update/image/build.ts';
import { BuiltInputs } from '../../update/image/exchange/built-inputs.ts';
import { createImageCache } from '../../update/image/known/known-images.ts';
import { destinationFor } from '../../update/image/registry.ts';
import type { Saying } from '../../update/strategy-run.ts';

interface Wish {
  /** What has changed of it is built; else it is where it is not there. */
  readonly isBuilt: boolean;
  /** Instead of `pull_policy`. */
  readonly pull: string | null;
}

/** Its id. */
export async function imageFor(
  spec: ComposeSpec,
  { isBuilt, pull }: Wish,
  config: Config,
  ports: Ports,
  stop: AbortSignal,
): Promise<string> {
  const docker = await ports.docker();
  const there = await docker.image(spec.image);
  const isOurs = spec.config.build !== undefined;
  if (there && !(isOurs && isBuilt) && (isOurs || pull === null || pull === 'missing')) return there.id;
  const lines = ports.logs.lines$.subscribe((batch) => {
    for (const { text } of batch) process.stderr.write(`${text}\n`);
  });
  const asked = pull === null ? spec : { ...spec, config: { ...spec.config, pull_policy: pull } };
  const work = workOf(asked, config);
  try {
    if (isOurs) return await built(work, config.dir, ports, stop);
    return (await pulledImage({ work, docker, ports, say: silent, stop })).id;
  } finally {
    lines.unsubscribe();
  }
}

const silent: Saying = { step: () => {}, phase: () => {}, built: () => {} };

const workOf = (spec: ComposeSpec, config: Config): ComposeWork => ({
  ...unplannedWork(config, spec.name, neverBuilt(config, spec.images)),
  kind: 'compose',
  spec,
  parallel: config.settings.parallel,
});

/** Bases first. */
async function built(work: ComposeWork, dir: string, ports: Ports, stop: AbortSignal): Promise<string> {
  const { spec } = work;
  const docker = await ports.docker();
  const destination = await destinationFor(work, docker, ports, stop);
  const cache = createImageCache(ports.disk, dir);
  const done = new Map<string, BuiltImage>();
  const building = { work, docker, destination, cache, inputs: new BuiltInputs(), ports, say: silent, stop, done };
  for (const image of work.images)
    done.set(image.spec.ref, (await buildImage(image, image.spec.ref === spec.image, building)).image);
  return done.get(spec.image)?.id ?? '';
}
