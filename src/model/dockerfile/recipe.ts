// A Dockerfile as the steps of its stages, with the words of those that read files filled in as far as the file itself says what
// stands in them: what only the base image knows stays unknown.
import { lookup } from '../text/lookup.ts';
import { type Instruction, parseDockerfile } from './instructions.ts';
import { jsonWords } from './json-form.ts';
import { within } from './path.ts';
import { type StageOrigin, stageAbove, stagesIn } from './stages.ts';
import { expandWord, splitWords } from './word.ts';

export interface Step {
  readonly keyword: string;
  readonly line: number;
  readonly flags: readonly string[];
  /** Of COPY and ADD: sources, and the destination last; of WORKDIR: the directory. Null where that cannot be told. */
  readonly words: readonly string[] | null;
  /** The working directory before it; null where the base image says it. */
  readonly workdir: string | null;
  /** Names of ARGs that stand in its words: a variable of that name in the base image would win. */
  readonly args: readonly string[];
}

export interface Stage extends StageOrigin {
  readonly steps: readonly Step[];
}

/** `args`: build arguments. Never fails: what the builder refuses is read as far as it makes sense. */
export function recipeOf(source: string, args: Readonly<Record<string, string>>): readonly Stage[] {
  const dockerfile = parseDockerfile(source);
  const { above, stages } = stagesIn(dockerfile);
  const global = new Values(args, dockerfile.escaper, null);
  for (const each of above) global.heed(each);
  const values: Values[] = [];
  return stages.map(({ name, from, instructions }, i) => {
    const own = new Values(args, dockerfile.escaper, global, values[stageAbove(stages, from, i)]);
    values.push(own);
    return { name, from, steps: instructions.map((each) => own.heed(each)) };
  });
}

/** Variables and working directory of a stage while its steps are gone through. */
class Values {
  private readonly build: Readonly<Record<string, string>>;
  private readonly escaper: string;
  private readonly global: Values | null;
  private readonly env: Map<string, string>;
  private readonly args = new Map<string, string>();
  /** Variables whose value is not known: no argument of their name stands for them. */
  private readonly unknown: Set<string>;
  private workdir: string | null;

  /** `parent`: of the stage that this one is made from: variables and directory go on, arguments do not. */
  constructor(build: Values['build'], escaper: string, global: Values | null, parent?: Values) {
    this.build = build;
    this.escaper = escaper;
    this.global = global;
    this.env = new Map(parent?.env);
    this.unknown = new Set(parent?.unknown);
    this.workdir = parent?.workdir ?? null;
  }

  heed(each: Instruction): Step {
    const { keyword, line, flags, rest } = each;
    const used = new Set<string>();
    const words = this.wordsIn(each, used);
    const step = { keyword, line, flags, words, workdir: this.workdir, args: [...used] };
    if (keyword === 'ARG') this.declare(rest);
    if (keyword === 'ENV') this.set(rest);
    if (keyword === 'WORKDIR') this.workdir = this.moved(rest.trim());
    return step;
  }

  private wordsIn({ keyword, rest }: Instruction, used: Set<string>): readonly string[] | null {
    if (keyword === 'COPY' || keyword === 'ADD') return this.filled(wordsOf(rest, this.escaper), used);
    return keyword === 'WORKDIR' ? this.filled([rest.trim()], new Set()) : [];
  }

  private filled(words: readonly string[] | null, used: Set<string>): readonly string[] | null {
    const all = words?.map((word) => this.expanded(word, used));
    return all?.every((word) => word !== null) ? (all as string[]) : null;
  }

  /** Null where it holds a variable whose value does not stand in the file. */
  private expanded(word: string, used = new Set<string>()): string | null {
    const known = new Known([...this.args, ...this.env].filter(([name]) => !this.unknown.has(name)));
    const text = expandWord(word, known, this.escaper);
    for (const name of known.used) if (!this.env.has(name)) used.add(name);
    return known.isMissing ? null : text;
  }

  /** A build argument wins over the value in the file; one without either has that of before the first FROM. */
  private declare(rest: string): void {
    for (const word of splitWords(rest, this.escaper) ?? []) {
      const [, name = '', given] = /^([^=]+)(?:=([\s\S]*))?$/.exec(word) ?? [];
      const inherited = this.global?.args.get(name) ?? null;
      const value = lookup(this.build, name) ?? (given === undefined ? inherited : this.expanded(given));
      if (value === null) this.args.delete(name);
      else this.args.set(name, value);
    }
  }

  private set(rest: string): void {
    const words = splitWords(rest, this.escaper) ?? [];
    const isOld = !words[0]?.includes('=');
    const pairs = isOld
      ? [[words[0] ?? '', rest.slice(words[0]?.length ?? 0).trim()]]
      : words.map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]);
    // All of one instruction see the values before it.
    const values = pairs.map(([name = '', text = '']) => [name, this.expanded(text)] as const);
    for (const [name, value] of values) {
      this.env.set(name, value ?? '');
      if (value === null) this.unknown.add(name);
      else this.unknown.delete(name);
    }
  }

  private moved(written: string): string | null {
    const dir = this.expanded(written);
    return dir === null ? null : within(this.workdir, dir);
  }
}

/** Notes what it is asked for, and what it does not have. */
class Known extends Map<string, string> {
  readonly used = new Set<string>();
  isMissing = false;

  override get(name: string): string | undefined {
    this.used.add(name);
    if (!this.has(name)) this.isMissing = true;
    return super.get(name);
  }
}

const wordsOf = (rest: string, escaper: string): readonly string[] | null =>
  jsonWords(rest)?.map(String) ?? splitWords(rest, escaper);
