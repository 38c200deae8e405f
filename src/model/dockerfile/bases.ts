// Which images a build needs, as BuildKit resolves them: FROM, COPY --from and RUN --mount=from of the stages it comes to.
import { lookup } from '../text/lookup.ts';
import { type Dockerfile, type Instruction, parseDockerfile } from './instructions.ts';
import { chainOf, type StageOrigin, stageAbove, stageBuilt, stageNamed, stagesIn } from './stages.ts';
import { expandWord, splitWords } from './word.ts';

export interface Base {
  readonly image: string;
  /** From 1, in the Dockerfile. */
  readonly line: number;
}

export interface BuildSettings {
  readonly args?: Readonly<Record<string, string>>;
  /** Null: the last stage. */
  readonly target?: string | null;
  /** Such as `linux/arm64`. Null: that of the machine that builds. */
  readonly platform?: string | null;
  readonly buildPlatform?: string;
  /** Also stages that the target is not made from: the classic builder builds them. */
  readonly everyStage?: boolean;
}

interface Use {
  readonly ref: string;
  readonly line: number;
}

interface Stage extends StageOrigin {
  readonly line: number;
  readonly uses: readonly Use[];
}

/** Each image once, where it is named first. What the builder refuses is left out. */
export function basesOf(source: string, settings: BuildSettings = {}): readonly Base[] {
  const stages = stagesOf(source, settings);
  return imagesOf(stages, settings.everyStage ? stages.keys() : [builtOf(stages, settings)]);
}

/** The image whose files are those of the one that is built, as far as nothing is put over them; null where there is none. */
export function foundationOf(source: string, settings: BuildSettings = {}): string | null {
  const stages = stagesOf(source, settings);
  const from = chainOf(stages, builtOf(stages, settings)).at(-1)?.from ?? '';
  return from === '' || from === 'scratch' ? null : from;
}

function stagesOf(source: string, settings: BuildSettings): readonly Stage[] {
  const dockerfile = parseDockerfile(source);
  const values = valuesOfFrom(dockerfile, settings);
  return stagesIn(dockerfile).stages.map(({ name, from, line, instructions }) => ({
    name,
    from: expandWord(from, values, dockerfile.escaper) ?? '',
    line,
    uses: instructions.flatMap(usesOf),
  }));
}

/** Where the target is none of them, the builder refuses it: the last one stands for it. */
function builtOf(stages: readonly Stage[], { target = null }: BuildSettings): number {
  const built = stageBuilt(stages, target);
  return built < 0 ? stages.length - 1 : built;
}

/** What variables of a FROM line may stand for: those that the builder sets, and each ARG before the first FROM. */
export function valuesOfFrom(dockerfile: Dockerfile, settings: BuildSettings): Map<string, string> {
  const values = predefined(settings);
  for (const each of stagesIn(dockerfile).above)
    if (each.keyword === 'ARG') declare(each, settings.args ?? {}, values, dockerfile.escaper);
  return values;
}

const predefined = ({ platform, buildPlatform = 'linux/amd64' }: BuildSettings): Map<string, string> =>
  new Map([...platformValues('TARGET', platform ?? buildPlatform), ...platformValues('BUILD', buildPlatform)]);

/** They stand without a declaration before the first FROM. */
function platformValues(whose: string, platform: string): [string, string][] {
  const [os = '', arch = '', variant = ''] = platform.split('/');
  return [
    [`${whose}PLATFORM`, platform],
    [`${whose}OS`, os],
    [`${whose}ARCH`, arch],
    [`${whose}VARIANT`, variant],
  ];
}

/** A build argument wins over the value in the file; one without either stays as it was. */
function declare(
  { rest }: Instruction,
  args: Readonly<Record<string, string>>,
  values: Map<string, string>,
  escaper: string,
): void {
  for (const word of splitWords(rest, escaper) ?? []) {
    const [, name = '', given] = /^([^=]+)(?:=([\s\S]*))?$/.exec(word) ?? [];
    const value = lookup(args, name) ?? (given === undefined ? null : expandWord(given, values, escaper));
    if (name !== '' && value !== null) values.set(name, value);
  }
}

/** The builder takes no variables here. */
function usesOf({ keyword, flags, line }: Instruction): Use[] {
  const refs =
    keyword === 'COPY'
      ? flags.map((flag) => /^--from=(.+)$/s.exec(flag)?.[1])
      : keyword === 'RUN'
        ? flags.map((flag) => /^--mount=(?:.*,)?"?from=([^,"]+)/s.exec(flag)?.[1])
        : [];
  return refs.flatMap((ref) => (ref && !ref.includes('$') ? [{ ref, line }] : []));
}

/** From the stages that are built, through every stage they are made from. */
function imagesOf(stages: readonly Stage[], built: Iterable<number>): readonly Base[] {
  const reached = new Set<number>();
  const images: Base[] = [];
  const visit = (index: number): void => {
    const stage = stages[index];
    if (!stage || reached.has(index)) return;
    reached.add(index);
    // FROM knows the stages above it; COPY and mounts know all, also by number.
    need({ ref: stage.from, line: stage.line }, stageAbove(stages, stage.from, index));
    for (const use of stage.uses) need(use, stageNamed(stages, use.ref));
  };
  const need = ({ ref, line }: Use, stage: number): void => {
    if (stage >= 0) visit(stage);
    else if (ref !== '' && ref !== 'scratch' && !/^\d+$/.test(ref)) images.push({ image: ref, line });
  };
  for (const index of built) visit(index);
  const inOrder = images.sort((a, b) => a.line - b.line);
  return inOrder.filter(({ image }, i) => inOrder.findIndex((other) => other.image === image) === i);
}
