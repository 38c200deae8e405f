// Which Dockerfile makes which image of the manifests: by name, as far as names tell.
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { ManifestObject } from '../../model/config.ts';
import { imageSlots } from '../../model/manifests/workload.ts';
import { type Draft, type ImageDraft, plain } from './draft.ts';
import type { Found } from './scan.ts';

type Images = Pick<Draft, 'images' | 'notes'>;

/** `dir` is the project's; `objects`: all that is deployed, rendered where it has to be. */
export function matchImages(dir: string, found: Found, objects: readonly ManifestObject[]): Images {
  const refs = [...new Set(objects.flatMap(({ object }) => imageSlots(object)).map(({ image }) => withoutTag(image)))];
  const images = new Map<string, ImageDraft>();
  const taken = new Set<string>();
  const rounds: readonly ((ref: string, name: string) => boolean)[] = [
    (ref, name) => lastOf(ref) === name,
    (ref, name) => new RegExp(`(^|[-_/.])${escaped(name)}$`).test(ref),
    (ref, name) => lastOf(ref).startsWith(`${name}-`) || lastOf(ref).startsWith(`${name}_`),
  ];
  for (const fits of rounds)
    for (const file of found.dockerfiles) {
      if (taken.has(file)) continue;
      const ref = refs.find((each) => !images.has(each) && namesOf(dir, file).some((name) => fits(each, name)));
      if (ref === undefined) continue;
      images.set(ref, draftOf(dir, file));
      taken.add(file);
    }
  const left = found.dockerfiles.filter((file) => !taken.has(file));
  const [onlyRef, ...otherRefs] = refs.filter((ref) => !images.has(ref) && !isPublic(ref));
  // One Dockerfile and one image that nobody else is known to make: they belong together whatever they are called.
  if (left.length === 1 && onlyRef !== undefined && otherRefs.length === 0) {
    images.set(onlyRef, draftOf(dir, left[0] as string));
    left.pop();
  }
  return {
    images: Object.fromEntries(images),
    notes: left.map((file) => `${file}: no manifest names an image like it.`),
  };
}

/** What a Dockerfile may be called after: its own ending, else its directory, else the project. */
function namesOf(dir: string, file: string): readonly string[] {
  const ending = /^(?:Dockerfile|Containerfile)\.([\w-]+)$|^([\w.-]+)\.[Dd]ockerfile$/.exec(basename(file));
  const own = ending?.[1] ?? ending?.[2];
  const place = dirname(file) === '.' ? basename(dir) : basename(dirname(file));
  return [...(own ? [own] : []), place].map((name) => name.toLowerCase());
}

function draftOf(dir: string, file: string): ImageDraft {
  const context = contextOf(dir, file);
  const isDefault = file === join(context, 'Dockerfile');
  return { context: relativePath(context), ...(isDefault ? {} : { dockerfile: relativePath(file) }) };
}

const relativePath = (path: string): string => (path === '.' ? '.' : plain(`./${path}`));

/** The Dockerfile's own directory, unless what it copies is there only from the project's directory on. */
function contextOf(dir: string, file: string): string {
  const own = dirname(file);
  const sources = copied(readFileSync(join(dir, file), 'utf8'));
  const isIn = (base: string): boolean => sources.every((source) => existsSync(join(dir, base, source)));
  return own !== '.' && !isIn(own) && isIn('.') ? '.' : own;
}

/** Plain sources of COPY and ADD. */
function copied(dockerfile: string): readonly string[] {
  return [...dockerfile.matchAll(/^\s*(?:COPY|ADD)\s+((?:--\S+\s+)*)([^\n[\\]+)$/gim)].flatMap(
    ([, flags = '', rest = '']) =>
      /--from=/.test(flags)
        ? []
        : rest
            .trim()
            .split(/\s+/)
            .slice(0, -1)
            .filter((each) => /^[\w./-]+$/.test(each)),
  );
}

/** Official images of Docker Hub have one word; those with a tag from elsewhere are not to be told from one's own. */
const isPublic = (ref: string): boolean =>
  !ref.includes('/') &&
  /^(alpine|busybox|debian|ubuntu|nginx|redis|postgres|mysql|mariadb|mongo|rabbitmq|memcached|node|python|golang|traefik|httpd)$/.test(
    ref,
  );

const withoutTag = (ref: string): string => ref.replace(/@.*$/, '').replace(/:[^:/]*$/, '');
const lastOf = (ref: string): string => ref.slice(ref.lastIndexOf('/') + 1);
const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
