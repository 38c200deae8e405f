// Whether an image is built at all, and which of the builders that goes to.
import type { Config, ImageBuild } from '../config.ts';
import { lookup } from '../text/lookup.ts';
import { needsDockerFor } from './builder.ts';

/** Is it built here? Not where it is made elsewhere, nor where the configuration knows nothing of it. */
export const isBuilt = (images: Config['images'] | undefined, ref: string): boolean =>
  (lookup(images, ref)?.build.is ?? 'elsewhere') !== 'elsewhere';

/** Does this build go to the Docker daemon, or through it? */
export const usesDocker = (build: ImageBuild | undefined): boolean =>
  build?.is === 'command' || (build?.is === 'dockerfile' && needsDockerFor(build.builder));

/** By a BuildKit that is no part of Docker's daemon: pushed as it is built, and not seen in Docker. */
export const isRemote = (build: ImageBuild): boolean =>
  build.is === 'dockerfile' && build.builder !== undefined && build.builder.is !== 'docker';
