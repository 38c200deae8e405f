// What COPY and ADD say of owner and mode of the files that they bring from the context into the stage that is built.
import { type Instruction, parseDockerfile } from './instructions.ts';
import { jsonWords } from './json-form.ts';
import { within } from './path.ts';
import { chainOf, stageBuilt, stagesIn } from './stages.ts';
import { expandWord, splitWords } from './word.ts';

export interface Copied {
  /** Paths in the context and patterns, without a slash at either end; '' is all of it. */
  readonly sources: readonly string[];
  /** Absolute; null where it goes from a working directory that only the base image knows. */
  readonly to: string | null;
  /** `app`, `1000:1000`, `app:0`; null where it says none. */
  readonly owner: string | null;
  /** As written; null where it says none. */
  readonly mode: string | null;
}

/** In the order in which they are carried out. */
export function copiesOf(source: string, target: string | null): readonly Copied[] {
  const dockerfile = parseDockerfile(source);
  const { stages } = stagesIn(dockerfile);
  const chain = chainOf(stages, stageBuilt(stages, target));
  const instructions = chain.toReversed().flatMap((stage) => stage.instructions);
  return carriedOut(instructions, dockerfile.escaper);
}

function carriedOut(instructions: readonly Instruction[], escaper: string): readonly Copied[] {
  const copies: Copied[] = [];
  let workdir: string | null = null;
  for (const each of instructions) {
    const { keyword, flags, rest } = each;
    if (keyword === 'WORKDIR') workdir = joined(workdir, literalOf(rest.trim(), escaper));
    if ((keyword !== 'COPY' && keyword !== 'ADD') || flags.some((flag) => flag.startsWith('--from='))) continue;
    const words = wordsOf(rest, escaper);
    const to = words.pop();
    if (to === undefined || words.length === 0) continue;
    const sources = words.map((word) => joined('/', word)?.slice(1) ?? '**');
    copies.push({ sources, to: joined(workdir, to), owner: flagOf(each, 'chown'), mode: flagOf(each, 'chmod') });
  }
  return copies;
}

/** As written where it holds a variable, whose value a build alone knows. */
function flagOf({ text, flags }: Instruction, name: string): string | null {
  const written = new RegExp(`--${name}=(\\S*\\$\\S*)`).exec(text)?.[1];
  return written ?? flags.find((flag) => flag.startsWith(`--${name}=`))?.slice(name.length + 3) ?? null;
}

/** Variables stay, so that what holds one is seen. */
const literalOf = (word: string, escaper: string): string =>
  expandWord(word.replaceAll('$', `${escaper}$`), new Map(), escaper) ?? word;

const wordsOf = (rest: string, escaper: string): string[] =>
  jsonWords(rest)?.map(String) ?? (splitWords(rest, escaper) ?? []).map((word) => literalOf(word, escaper));

/** Null where it cannot be told. */
const joined = (dir: string | null, path: string): string | null => (path.includes('$') ? null : within(dir, path));
