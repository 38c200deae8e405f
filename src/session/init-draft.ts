// A configuration being drafted, and its text.
import { stringify } from 'yaml';

export interface ImageDraft {
  readonly context?: string;
  readonly dockerfile?: string;
  readonly target?: string;
  readonly args?: Readonly<Record<string, string>>;
}

export type ManifestDraft =
  | string
  | { readonly kustomize: string }
  | { readonly helm: string; readonly name?: string; readonly values?: readonly string[] };

export interface Draft {
  readonly images: Readonly<Record<string, ImageDraft>>;
  readonly manifests: readonly ManifestDraft[];
  readonly namespace: string | null;
  readonly local: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Ports by resource. */
  readonly ports: Readonly<Record<string, readonly string[]>>;
  /** What could not be decided, for whoever reads the file. */
  readonly notes: readonly string[];
}

export const emptyDraft: Draft = { images: {}, manifests: [], namespace: null, local: {}, ports: {}, notes: [] };

export function draftText({ images, manifests, namespace, local, ports, notes }: Draft): string {
  const kubernetes = { manifests, ...(namespace ? { namespace } : {}) };
  const value = {
    ...(Object.keys(images).length > 0 ? { images } : {}),
    ...(manifests.length > 0 ? { kubernetes } : {}),
    ...(Object.keys(local).length > 0 ? { local } : {}),
    ...(Object.keys(ports).length > 0
      ? { resources: Object.fromEntries(Object.entries(ports).map(([name, list]) => [name, { ports: list }])) }
      : {}),
  };
  const comments = ['Written by sluice init: read it, change it, it is yours.', ...notes];
  const head = comments.map((line) => `# ${line.replace(/[\x00-\x1f\x7f]+/g, ' ')}\n`).join('');
  // A `$` would be taken for a variable.
  const body = stringify(value, { lineWidth: 0 }).replaceAll('$', '$$$$');
  return head + body;
}
