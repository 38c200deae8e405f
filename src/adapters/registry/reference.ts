// The parts of an image reference that registries are asked by.

/** `docker.io` for a name without a registry, as Docker reads it. */
export function registryOf(ref: string): string {
  const first = ref.split('/')[0]!;
  if (ref.includes('/') && (/[.:]/.test(first) || first === 'localhost')) return isHub(first) ? 'docker.io' : first;
  return 'docker.io';
}

const isHub = (host: string): boolean => host === 'index.docker.io' || host === 'registry-1.docker.io';

/** Name and tag; a digest is dropped, `latest` stands in for a missing tag. */
export function nameAndTag(ref: string): { readonly name: string; readonly tag: string } {
  const plainRef = ref.split('@')[0]!;
  const colon = plainRef.lastIndexOf(':');
  if (colon < 0 || plainRef.includes('/', colon)) return { name: plainRef, tag: 'latest' };
  return { name: plainRef.slice(0, colon), tag: plainRef.slice(colon + 1) };
}

/** `name`: as its registry calls it. `reference`: the digest, or the tag where there is none. */
export function partsOf(ref: string, host: string): { readonly name: string; readonly reference: string } {
  const rest = ref.startsWith(`${host}/`) ? ref.slice(host.length + 1) : ref;
  const [, digest] = rest.split('@');
  const { name: plain, tag } = nameAndTag(rest);
  const name = host === 'docker.io' && !plain.includes('/') ? `library/${plain}` : plain;
  return { name, reference: digest ?? tag };
}
