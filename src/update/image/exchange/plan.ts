// From what changed in a context to what changes in the layers of its image. Pure: layers are asked for by their place from the end.
import { type Declined, declined } from '../../live/transport.ts';
import { type Edit, type Entries, editsOf, isOfDir, type Placed, placed } from './difference.ts';
import { holds, holdsDir, holdsFile, type Layer } from './layer-tar.ts';
import { isNamed, takesIn } from './pattern.ts';
import type { Tail, TailCopy, TailLayer } from './tail.ts';

export interface LayerEdits {
  /** Of its layer, from the end. */
  readonly back: number;
  readonly copy: TailCopy;
  readonly edits: readonly Edit[];
}

export interface Plan {
  readonly is: 'plan';
  readonly layers: readonly LayerEdits[];
}

/** From the end, the layers whose files these paths are among. */
export const touchedBy = (tail: Tail, paths: readonly string[]): readonly number[] =>
  tail.layers.flatMap(({ copy }, back) =>
    copy?.sources.some((source) => paths.some((path) => takesIn(source, path))) ? [back] : [],
  );

/** Does one of them name this very path? Of a directory it copies the content, to one that may have been there. */
export const isCopiedItself = (tail: Tail, path: string): boolean =>
  tail.layers.some(({ copy }) => copy?.sources.some((source) => isNamed(source, path)));

/** `layers`: those that are touched. Declined wherever a build might make something else. */
export function planOf(tail: Tail, before: Entries, now: Entries, layers: ReadonlyMap<number, Layer>): Plan | Declined {
  const planned: (LayerEdits & { readonly before: Placed })[] = [];
  for (const [back, layer] of layers) {
    const copy = tail.layers[back]!.copy!;
    const isFile = (path: string): boolean => holdsFile(layer, path);
    const [old, made] = [placed(copy, before, isFile), placed(copy, now, isFile)];
    if (old.is === 'declined') return old;
    if (made.is === 'declined') return made;
    const edits = editsOf(copy, old, made);
    if (edits.is === 'declined') return edits;
    const other = edits.all.find((edit) => edit.is !== 'added' && !isItself(edit, copy, layer));
    if (other) return declined(`what the last image has at ${other.path} is not what was copied there`);
    planned.push({ back, copy, edits: edits.all, before: old });
  }
  for (const { back, edits } of planned)
    for (const edit of edits)
      for (const [later, step] of tail.layers.slice(0, back).entries()) {
        const own = planned.find((each) => each.back === later);
        const isHeld = isOfDir(edit)
          ? !mayPlaceIn(step, edit.path, before)
          : own
            ? !own.before.at.has(edit.path) || holdsFile(layers.get(later)!, edit.path)
            : !mayPlace(step, edit.path, before);
        // A layer leaves out what is below it already: whose file shows would be another question.
        if (!isHeld) return declined(`more than one instruction of its Dockerfile puts something at ${edit.path}`);
      }
  return { is: 'plan', layers: planned };
}

function isItself(edit: Exclude<Edit, { is: 'added' }>, { mode }: TailCopy, layer: Layer): boolean {
  if (isOfDir(edit)) return holdsDir(layer, edit.path, mode === 'kept' ? edit.before.mode : null);
  return holds(layer, edit.path, edit.before.hash, mode === 'kept' ? edit.before.mode : null);
}

/** Can a step that no changed file concerns have put something at this path? */
function mayPlace({ keyword, to, copy }: TailLayer, path: string, before: Entries): boolean {
  if (keyword === 'WORKDIR') return false;
  if (to === null) return true;
  if (path !== to && !path.startsWith(to === '/' ? to : `${to}/`)) return false;
  if (copy === null) return true;
  const ways = [true, false].map((isFile) => placed(copy, before, () => isFile));
  return ways.some((way) => way.is === 'declined' || way.at.has(path));
}

/** Can a step have made this directory, or put something into it? Its layer then says how the directory is. */
function mayPlaceIn({ keyword, to, copy }: TailLayer, path: string, before: Entries): boolean {
  if (to === null) return true;
  const isIn = (one: string): boolean => one === path || one.startsWith(`${path}/`);
  if (isIn(to)) return true;
  if (keyword === 'WORKDIR' || !path.startsWith(to === '/' ? to : `${to}/`)) return false;
  const way = copy && placed(copy, before, () => false);
  return way?.is !== 'placed' || [...way.at.keys()].some(isIn);
}
