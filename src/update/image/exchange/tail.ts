// Which instructions of a Dockerfile stand behind all that could have seen what they copy: the last ones of the stage that is built,
// back to its last RUN. And which others read the context. Pure.
import type { Stage, Step } from '../../../model/dockerfile.ts';
import { chainOf, stageBuilt, within } from '../../../model/dockerfile.ts';
import { type Declined, declined } from '../../live/transport.ts';
import { type Source, sourceOf } from './pattern.ts';

/** Files of the context, as they are. */
export interface TailCopy {
  readonly line: number;
  readonly sources: readonly Source[];
  /** Absolute, without a slash at its end. */
  readonly to: string;
  /** It says that `to` is a directory. */
  readonly isInto: boolean;
  /** As written, with variables filled in: the history of an image has it so. */
  readonly written: string;
  /** Whether a file has the mode that it has in the context, one and the same, or one that is made of that. */
  readonly mode: 'kept' | 'given' | 'derived';
  readonly args: readonly string[];
}

export interface TailLayer {
  readonly keyword: string;
  /** Where it puts something; null where that is not known. */
  readonly to: string | null;
  /** Null for what is none: files of other stages, archives, a directory. */
  readonly copy: TailCopy | null;
}

/** `sources` null: it may be anything. */
export interface Reader {
  readonly keyword: string;
  readonly line: number;
  readonly sources: readonly Source[] | null;
}

export interface Tail {
  readonly is: 'tail';
  /** The last one first. */
  readonly layers: readonly TailLayer[];
  readonly readers: readonly Reader[];
  /** Layers of all stages that the image is made from, those above included, its base image left out. */
  readonly made: number;
}

/** `workdir`: of the image. */
export function tailOf(stages: readonly Stage[], target: string | null, workdir: string): Tail | Declined {
  if (stages.some(({ steps }) => steps.some(({ keyword }) => keyword === 'ONBUILD')))
    return declined('its Dockerfile has ONBUILD');
  const at = stageBuilt(stages, target);
  const last = stages[at];
  if (!last) return declined('its Dockerfile has no such stage');
  const made = chainOf(stages, at).flatMap(stepsOf);
  // An image says one directory, the last one.
  const base = made.some(({ keyword }) => keyword === 'WORKDIR') ? null : workdir;
  const steps = stepsOf(last);
  const run = steps.findLastIndex(({ keyword }) => keyword === 'RUN');
  const tail = steps.slice(run + 1).reverse();
  const layers = tail.map((step) => layerOf(step, base));
  const plain = new Set(tail.filter((_, i) => layers[i]!.copy !== null));
  const others = stages.flatMap((stage) => stage.steps).filter((step) => !plain.has(step));
  return { is: 'tail', layers, readers: others.flatMap(readersIn), made: made.length };
}

/** Each makes one layer, be it empty. */
const layered: ReadonlySet<string> = new Set(['COPY', 'ADD', 'RUN', 'WORKDIR']);

const stepsOf = ({ steps }: Stage): readonly Step[] => steps.filter(({ keyword }) => layered.has(keyword));

function layerOf(step: Step, base: string | null): TailLayer {
  const { keyword, words, workdir } = step;
  const written = words?.at(-1) ?? null;
  const to = written === null ? null : within(workdir ?? base, written);
  return { keyword, to, copy: written !== null && to !== null && isPlain(step) ? copyOf(step, written, to) : null };
}

const isPlain = ({ keyword, flags, words }: Step): boolean =>
  keyword === 'COPY' &&
  (words?.length ?? 0) > 1 &&
  flags.every((flag) => /^--(chown|chmod)=/.test(flag) || /^--link(=(true|false))?$/.test(flag));

function copyOf({ line, words, flags, args }: Step, written: string, to: string): TailCopy {
  const chmod = flags.find((flag) => flag.startsWith('--chmod='));
  const mode = chmod === undefined ? 'kept' : /^--chmod=[0-7]{3,4}$/.test(chmod) ? 'given' : 'derived';
  const isInto = /(^|\/)\.?\.?$/.test(written);
  return { line, sources: words!.slice(0, -1).map(sourceOf), to, isInto, written, mode, args };
}

function readersIn({ keyword, line, flags, words }: Step): readonly Reader[] {
  if (keyword === 'RUN')
    return flags.flatMap((flag) => mounted(flag)).map((source) => ({ keyword, line, sources: [source] }));
  if (keyword !== 'COPY' && keyword !== 'ADD') return [];
  if (flags.some((flag) => flag.startsWith('--from='))) return [];
  return [{ keyword, line, sources: words?.slice(0, -1).map(sourceOf) ?? null }];
}

/** A mount is one of the context unless it says otherwise. Its variables have been left out: then it is of all of it. */
function mounted(flag: string): readonly Source[] {
  if (!flag.startsWith('--mount=')) return [];
  const fields = new Map(
    flag
      .slice('--mount='.length)
      .split(',')
      .map((field) => {
        const [key = '', ...value] = field.replace(/^"|"$/g, '').split('=');
        return [key.trim().toLowerCase(), value.join('=')] as const;
      }),
  );
  if ((fields.get('type') ?? 'bind') !== 'bind' || fields.get('from')) return [];
  return [sourceOf(fields.get('source') ?? fields.get('src') ?? '')];
}
