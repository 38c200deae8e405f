// One image from the last one with files of its last layers exchanged: read, changed and put back in its registry.
import { recipeOf } from '../../../model/dockerfile.ts';
import { limits } from '../../../model/limits.ts';
import type { ImageWork } from '../../../model/run.ts';
import { restartsProcess, shell } from '../../live/supervisor.ts';
import { type Declined, declined } from '../../live/transport.ts';
import { byPath, differences, type Entries, linkOnTheWay, readElsewhere } from './difference.ts';
import { type ImageDocument, startOf } from './document.ts';
import { lastImage, layersOf } from './last-image.ts';
import { notItsLayers, readByBase } from './layers.ts';
import { isCopiedItself, planOf, touchedBy } from './plan.ts';
import { type Exchange, type Exchanged, put } from './put.ts';
import { type Tail, tailOf } from './tail.ts';

/** Whether the Dockerfile alone says that a builder is needed for these paths; null where it does not. */
export function needsBuilder(
  { build }: ImageWork['spec'],
  dockerfileText: string,
  paths: readonly string[],
): string | null {
  const tail = build.is === 'dockerfile' ? tailOf(recipeOf(dockerfileText, build.args), build.target, '/') : null;
  return tail?.is === 'tail' ? readElsewhere(paths, tail) : (tail?.because ?? 'it is built by a command');
}

/** Declined wherever a build might make something else. Rejects with what the registry says. */
export async function exchanged(exchange: Exchange): Promise<Exchanged | Declined> {
  const { image, last, before, now, at, kept, stop } = exchange;
  const { build } = image.spec;
  if (build.is !== 'dockerfile' || last.pushed === null) throw new Error(`${image.spec.ref} is not of a builder`);
  if (before.frame !== now.frame) return declined('more than files of its context changed');
  const [old, made] = [byPath(before.entries), byPath(now.entries)];
  const paths = differences(old, made);
  if (paths.length > limits.exchangeFiles) return declined(`${paths.length} files changed`);
  const document = kept.document(exchange.name, last.pushed) ?? (await lastImage(last.pushed, at, stop));
  if (document.is === 'declined') return document;
  const tail = tailOf(recipeOf(before.dockerfileText, build.args), build.target, startOf(document).workdir);
  if (tail.is === 'declined') return tail;
  const refused = refusal(tail, document, old, made, paths);
  if (refused) return refused;
  const touched = await layersOf(document, touchedBy(tail, paths), kept, at, stop);
  if (touched.is === 'declined') return touched;
  const plan = planOf(tail, old, made, touched.layers);
  if (plan.is === 'declined') return plan;
  if (restartsProcess(image.spec) && plan.layers.some(({ edits }) => edits.some(({ path }) => path === shell)))
    return declined(`${shell} changed`);
  return put(exchange, document, plan, touched.layers);
}

/** What of Dockerfile, history and names speaks against it. */
function refusal(
  tail: Tail,
  document: ImageDocument,
  before: Entries,
  now: Entries,
  paths: readonly string[],
): Declined | null {
  const reader = readElsewhere(paths, tail) ?? linkOnTheWay(tail, before) ?? linkOnTheWay(tail, now);
  if (reader !== null) return declined(reader);
  const isDir = (path: string): boolean => [before, now].some((entries) => entries.get(path)?.type === 'dir');
  const directory = paths.find((path) => isDir(path) && isCopiedItself(tail, path));
  if (directory !== undefined) return declined(`${directory} is what it copies, and is new, gone, or has another mode`);
  const { variables } = startOf(document);
  const doubted = tail.layers.flatMap(({ copy }) => copy?.args ?? []).find((name) => variables.has(name));
  if (doubted) return declined(`${doubted} is an argument of its Dockerfile and a variable of its image`);
  const other = notItsLayers(document.history, document.layers.length, tail);
  if (other) return other;
  const base = readByBase(document.history, tail, paths);
  return base === null ? null : declined(`${base} may have been read by instructions of its base image`);
}
