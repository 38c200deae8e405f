// Image references as Docker compares them: `nginx` is `docker.io/library/nginx`, and a port is no tag.

export interface ImageName {
  /** With registry: `docker.io/library/nginx`. */
  readonly name: string;
  readonly tag: string | null;
  readonly digest: string | null;
}

export function imageName(ref: string): ImageName {
  const [tagged = '', digest = null] = split(ref.trim(), ref.indexOf('@'));
  const colon = tagged.indexOf(':', tagged.lastIndexOf('/') + 1);
  const [path = '', tag = null] = split(tagged, colon);
  return { name: withRegistry(path), tag, digest };
}

const split = (text: string, at: number): readonly string[] =>
  at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];

function withRegistry(path: string): string {
  const slash = path.indexOf('/');
  const first = path.slice(0, Math.max(slash, 0));
  if (first !== 'localhost' && !/[.:]/.test(first)) return `docker.io/${slash < 0 ? `library/${path}` : path}`;
  if (first !== 'docker.io' && first !== 'index.docker.io') return path;
  const rest = path.slice(slash + 1);
  return `docker.io/${rest.includes('/') ? rest : `library/${rest}`}`;
}

/** Runtimes report short names in full: `nginx` as `docker.io/library/nginx:latest`. */
export function isSameImage(a: string, b: string): boolean {
  const [one, other] = [imageName(a), imageName(b)];
  const tag = (image: ImageName): string | null => image.tag ?? (image.digest === null ? 'latest' : null);
  return one.name === other.name && one.digest === other.digest && tag(one) === tag(other);
}

/**
 * Which of the configured refs an image means: one with the same tag or digest before one that names none, which stands
 * for every tag. Null for an image of somebody else.
 */
export function imageOf(image: string, refs: readonly string[]): string | null {
  const wanted = imageName(image);
  const named = refs.map((ref) => ({ ref, ...imageName(ref) })).filter(({ name }) => name === wanted.name);
  const exact = named.find(({ tag, digest }) =>
    digest !== null
      ? digest === wanted.digest
      : tag !== null && tag === (wanted.tag ?? (wanted.digest ? null : 'latest')),
  );
  return (exact ?? named.find(({ tag, digest }) => tag === null && digest === null))?.ref ?? null;
}
