// A configuration being drafted, and its text.
import { stringify } from 'yaml';
import { limits } from '../../model/limits.ts';

/** Texts stand as they will in the file: a `$` that is none of a variable is doubled already, see `plain`. */
export interface ImageDraft {
  readonly context?: string;
  readonly dockerfile?: string;
  readonly target?: string;
  readonly args?: Readonly<Record<string, Scalar>>;
  readonly secrets?: readonly string[];
  readonly ssh?: readonly string[];
  readonly platform?: string;
  readonly command?: string;
  readonly deps?: readonly string[];
  readonly ignore?: readonly string[];
  readonly live?: readonly LiveDraft[];
}

export type Scalar = string | number | boolean;
export type LiveDraft =
  | { readonly fallback: readonly string[] }
  | { readonly sync: { readonly from: string; readonly to: string } };

export type ManifestDraft =
  | string
  | { readonly kustomize: string }
  | { readonly command: string; readonly deps?: readonly string[] }
  | {
      readonly helm: string;
      readonly name?: string;
      readonly namespace?: string;
      readonly values?: readonly string[];
      readonly set?: Readonly<Record<string, Scalar>>;
    };

export interface Draft {
  readonly images: Readonly<Record<string, ImageDraft>>;
  readonly manifests: readonly ManifestDraft[];
  readonly namespace: string | null;
  readonly context: string | null;
  readonly local: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Ports by resource. */
  readonly ports: Readonly<Record<string, readonly string[]>>;
  /** What could not be decided or taken over, for whoever reads the file. */
  readonly notes: readonly string[];
}

export const emptyDraft: Draft = {
  images: {},
  manifests: [],
  namespace: null,
  context: null,
  local: {},
  ports: {},
  notes: [],
};

/** Text that says itself and names no variable. Not for shell commands, which are left to the shell. */
export const plain = (text: string): string => text.replaceAll('$', '$$$$');

export function draftText(draft: Draft): string {
  const shown = draft.notes.slice(0, limits.initNotes);
  const more = draft.notes.length - shown.length;
  const comments = [
    'Written by sluice init: read it, change it, it is yours.',
    ...shown,
    ...(more > 0 ? [`And ${more} more of this kind: sluice init --dry-run --json tells them all.`] : []),
  ];
  const head = comments.map((line) => `# ${line.replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029]+/g, ' ')}\n`).join('');
  return head + stringify(contentOf(draft), { lineWidth: 0 });
}

function contentOf({ images, manifests, namespace, context, local, ports }: Draft) {
  const isIn = (held: object): boolean => Object.keys(held).length > 0;
  const kubernetes = { manifests, ...(namespace ? { namespace } : {}), ...(context ? { context } : {}) };
  const resources = Object.fromEntries(Object.entries(ports).map(([name, list]) => [name, { ports: list }]));
  return {
    ...(isIn(images) ? { images } : {}),
    ...(manifests.length > 0 ? { kubernetes } : {}),
    // A file that says nothing is told as empty.
    ...(isIn(local) || manifests.length === 0 ? { local } : {}),
    ...(isIn(ports) ? { resources } : {}),
  };
}

/** On one line, for a note that somebody may put back into the file. */
export const inOneLine = (value: unknown): string =>
  stringify(value, { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: false })
    .trim()
    .replace(/\s*\n\s*/g, ' ');

/** What an entry of `kubernetes.manifests` is called in a note. */
export const titleOf = (entry: ManifestDraft): string => {
  if (typeof entry === 'string') return entry;
  return 'helm' in entry ? entry.helm : 'kustomize' in entry ? entry.kustomize : entry.command;
};

export function leftOutNote(entry: ManifestDraft, reason: string): string {
  const hasMore = typeof entry !== 'string' && Object.keys(entry).length > 1;
  return leftOut(titleOf(entry), reason, hasMore ? entry : null);
}

/** `more`: all that was to be written, where its name does not say it. */
export const leftOut = (name: string, reason: string, more: unknown = null): string =>
  `${name} was left out: ${reason}${more === null ? '' : ` ${inOneLine(more)}`}`;
