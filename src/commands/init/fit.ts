// A draft is loaded before it is written; what it stumbles over is left out, with the reason.
import { relative, resolve } from 'node:path';
import picomatch from 'picomatch';
import type { Loaded } from '../../config/load.ts';
import { parseSource } from '../../config/yaml/document.ts';
import type { Config } from '../../model/config.ts';
import { type Problem, ProblemError, type SourcePos } from '../../model/problems/problem.ts';
import { lookup } from '../../model/text/lookup.ts';
import { type Draft, draftText, emptyDraft, leftOut, leftOutNote } from './draft.ts';

export interface Fitted {
  readonly text: string;
  readonly config: Config;
  readonly notes: readonly string[];
}

/** `load`: what the configuration would be with this text. Ends: each round leaves something out. */
export async function fitted(draft: Draft, file: string, load: (text: string) => Promise<Loaded>): Promise<Fitted> {
  for (let rest = draft; ; ) {
    const text = draftText(rest);
    const loaded = await load(text);
    if ('config' in loaded) return { text, config: loaded.config, notes: rest.notes };
    const next = without(rest, loaded.problems, file, text);
    if (next !== rest) rest = next;
    else if (piecesOf(rest).length === 0) throw new ProblemError(loaded.problems[0] as Problem);
    // Nothing of it is to blame, so none of it can be trusted.
    else rest = { ...emptyDraft, notes: [...rest.notes, everything(rest, loaded.problems)] };
  }
}

type Piece =
  | { readonly is: 'image' | 'live' | 'local' | 'ports'; readonly key: string; readonly path: readonly string[] }
  | { readonly is: 'manifest'; readonly index: number; readonly path: readonly (string | number)[] }
  | { readonly is: 'namespace' | 'context'; readonly path: readonly string[] };

function piecesOf({ images, manifests, namespace, context, local, ports }: Draft): readonly Piece[] {
  return [
    ...Object.entries(images).flatMap(([key, image]): Piece[] => [
      { is: 'image', key, path: ['images', key] },
      ...(image.live ? [{ is: 'live', key, path: ['images', key, 'live'] } as const] : []),
    ]),
    ...manifests.map((_, index): Piece => ({ is: 'manifest', index, path: ['kubernetes', 'manifests', index] })),
    ...(namespace ? [{ is: 'namespace', path: ['kubernetes', 'namespace'] } as const] : []),
    ...(context ? [{ is: 'context', path: ['kubernetes', 'context'] } as const] : []),
    ...Object.keys(local).map((key): Piece => ({ is: 'local', key, path: ['local', key] })),
    ...Object.keys(ports).map((key): Piece => ({ is: 'ports', key, path: ['resources', key] })),
  ];
}

/** The draft itself where none of the problems is about a piece of it. */
export function without(draft: Draft, problems: readonly Problem[], file: string, text: string): Draft {
  const source = parseSource(text, file);
  const pieces = piecesOf(draft).map((piece) => ({ piece, at: source.keyAt(piece.path) }));
  const blamed = new Map<Piece, Problem>();
  for (const problem of problems) {
    const piece = problem.at ? pieceAt(problem.at, pieces, draft, file) : null;
    if (piece && !blamed.has(piece)) blamed.set(piece, problem);
  }
  return [...blamed].reduce((rest, [piece, { what }]) => leave(rest, draft, piece, what), draft);
}

/** The last piece that begins before the place; of a manifest, the entry that names its file. */
function pieceAt(
  at: SourcePos,
  pieces: readonly { readonly piece: Piece; readonly at: SourcePos }[],
  draft: Draft,
  file: string,
): Piece | null {
  if (at.file === file) {
    const isBefore = (other: SourcePos): boolean =>
      other.line < at.line || (other.line === at.line && other.column <= at.column);
    return pieces.findLast((each) => isBefore(each.at))?.piece ?? null;
  }
  const named = pieces.find(({ piece }) => {
    const entry = piece.is === 'manifest' ? draft.manifests[piece.index] : null;
    return typeof entry === 'string' && isNamed(at.file, entry.replaceAll('$$', '$'), file);
  });
  return named?.piece ?? null;
}

function isNamed(path: string, entry: string, file: string): boolean {
  const dir = resolve(file, '..');
  return path === resolve(dir, entry) || picomatch.isMatch(relative(dir, path), entry.replace(/^\.\//, ''));
}

function leave(rest: Draft, whole: Draft, piece: Piece, reason: string): Draft {
  const noted = (note: string): Draft => ({ ...rest, notes: [...rest.notes, note] });
  if (piece.is === 'manifest') {
    const entry = whole.manifests[piece.index];
    if (entry === undefined) return rest;
    return { ...noted(leftOutNote(entry, reason)), manifests: rest.manifests.filter((each) => each !== entry) };
  }
  if (!('key' in piece))
    return { ...noted(leftOut(`kubernetes.${piece.is}`, reason, whole[piece.is])), [piece.is]: null };
  const { is, key } = piece;
  if (is === 'live') {
    const { live, ...image } = lookup(rest.images, key) ?? {};
    if (!live) return rest;
    return { ...noted(leftOut(`live of ${key}`, reason, { live })), images: { ...rest.images, [key]: image } };
  }
  const held = { image: 'images', local: 'local', ports: 'ports' } as const;
  const { [key]: gone, ...others } = rest[held[is]] as Readonly<Record<string, unknown>>;
  const name = { image: `images.${key}`, local: `local.${key}`, ports: `resources.${key}` }[is];
  return { ...noted(leftOut(name, reason, is === 'ports' ? { ports: gone } : gone)), [held[is]]: others };
}

function everything(draft: Draft, problems: readonly Problem[]): string {
  const reason = problems.map(({ what }) => what).join('; ');
  const { notes: _, ...held } = draft;
  return leftOut('All that was found', reason, held);
}
