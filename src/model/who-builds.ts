// Which of the builders a build goes to.
import { needsDockerFor } from './builder.ts';
import type { ImageBuild } from './config.ts';

/** Does this build go to the Docker daemon, or through it? */
export const usesDocker = (build: ImageBuild | undefined): boolean =>
  build?.is === 'command' || (build?.is === 'dockerfile' && needsDockerFor(build.builder));

/** By a BuildKit that is no part of Docker's daemon: pushed as it is built, and not seen in Docker. */
export const isRemote = (build: ImageBuild): boolean =>
  build.is === 'dockerfile' && build.builder !== undefined && build.builder.is !== 'docker';
