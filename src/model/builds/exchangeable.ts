// Whether files of an image may be exchanged in the one that is in its registry, as far as both say: what else has to be so is seen
// when it is tried.
import type { ImageSpec } from '../config.ts';
import type { BuiltImage } from '../run.ts';
import { hasAttests, isOfSeveralPlatforms } from './build-options.ts';

/** Why not, for people; null where it may be tried. `last`: null where none is built. */
export function notExchangeable(spec: ImageSpec, last: BuiltImage | null): string | null {
  if (last === null) return `${spec.ref} is not built yet`;
  if (last.pushed === null || last.layers > 0 || last.inputDigest === '')
    return `the last ${spec.ref} is none that a build has pushed`;
  return neverExchangeable(spec);
}

/** Why it is built each time, whatever the last one was. */
export function neverExchangeable({ ref, build, exchange, tags }: ImageSpec): string | null {
  if (build.is !== 'dockerfile' || build.remote !== undefined) return `${ref} is made of no directory by a Dockerfile`;
  if (exchange === false) return `exchange: false of ${ref}`;
  if (hasAttests(build.options)) return `what is said beside ${ref} is made by its build`;
  if (tags) return `names of ${ref} are given in Docker`;
  if (isOfSeveralPlatforms(build.platform)) return `${ref} is an image of several platforms`;
  if (build.options?.pull || build.options?.noCache || build.options?.noCacheFilter)
    return `each build of ${ref} is to be one`;
  return null;
}
