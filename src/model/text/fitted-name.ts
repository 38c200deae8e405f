// Names where less fits than they may have: shortened or respelled, and different names stay different.

/** What a place takes: characters that match `refused` become `instead`; ends must be letters or digits; `most` characters. */
export interface Place {
  readonly refused: RegExp;
  readonly instead: string;
  readonly most: number;
}

/** The name itself where it fits, else what fits of it and a digest of the whole: two names that begin alike differ there. */
export function fittedName(name: string, { refused, instead, most }: Place): string {
  const spelled = withoutEnds(name.replace(refused, instead));
  if (spelled === name && name.length <= most) return name;
  const digest = digestOfName(name);
  const head = withoutEnds(spelled.slice(0, most - digest.length - 1));
  return head === '' ? digest : `${head}-${digest}`;
}

/** What a label's value may be (Kubernetes: 63 characters): `web:job` → `web_job-…`. The one way names become label values. */
export const labelValue = (name: string): string =>
  fittedName(name, { refused: /[^A-Za-z0-9._-]/g, instead: '_', most: 63 });

const withoutEnds = (text: string): string => text.replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '');

const prime = 0x100000001b3n;
const mask = 0xffffffffffffffffn;

/** FNV-1a, 64 bits, as 13 letters and digits. No secret depends on it; the same name gives the same digest in every session. */
function digestOfName(name: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(name)) hash = ((hash ^ BigInt(byte)) * prime) & mask;
  return hash.toString(36).padStart(13, '0');
}
