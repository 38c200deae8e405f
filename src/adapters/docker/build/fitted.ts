// What a build asks for that some of Docker's builders cannot give, and that an image is whole without: told, and left out or replaced.
import { hasAttests } from '../../../model/builds/build-options.ts';
import type { DockerBuild } from '../../../model/ports.ts';
import type { Builder } from './builder.ts';

type Fitting = Pick<Builder, 'isBuildkit' | 'store'>;

/** `warning`: what of it is not done, null for nothing. */
export function fitted(builder: Fitting, build: DockerBuild): { build: DockerBuild; warning: string | null } {
  const { noCacheFilter = [], attests = {}, ...others } = build.options ?? {};
  // The other builder knows all steps or none: more than was asked for is run then, never less.
  const replaced = !builder.isBuildkit && noCacheFilter.length > 0;
  // Docker's own store has no indexes, which an image and what is said of it are put together by.
  const isLeft = hasAttests(build.options) && !(builder.isBuildkit && builder.store === 'containerd');
  if (!replaced && !isLeft) return { build, warning: null };
  const options = {
    ...others,
    ...(replaced || noCacheFilter.length === 0 ? {} : { noCacheFilter }),
    ...(isLeft ? {} : { attests }),
  };
  const fit = { ...build, options, ...(replaced ? { noCache: true } : {}) };
  const kinds = Object.keys(attests).join(' and ');
  const warning = isLeft ? `${kinds} left out: Docker keeps them with the containerd image store alone` : null;
  return { build: fit, warning };
}
