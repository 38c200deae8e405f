// A Dockerfile by its stages: what stands below each FROM, and which stages another one is made from.
import type { Dockerfile, Instruction } from './instructions.ts';

export interface StageName {
  /** In small letters; null for one that has none. */
  readonly name: string | null;
}

/** One that says which image or stage it is made from: as written, or with its variables filled in. */
export interface StageOrigin extends StageName {
  readonly from: string;
}

export interface StageText extends StageOrigin {
  /** Of its FROM, counted from 1. */
  readonly line: number;
  /** All below its FROM. */
  readonly instructions: readonly Instruction[];
}

export interface Staged {
  /** What stands before the first FROM: ARGs, where the builder takes it. */
  readonly above: readonly Instruction[];
  readonly stages: readonly StageText[];
}

export function stagesIn({ instructions }: Pick<Dockerfile, 'instructions'>): Staged {
  const above: Instruction[] = [];
  const stages: (StageText & { readonly instructions: Instruction[] })[] = [];
  for (const each of instructions)
    if (each.keyword === 'FROM') {
      const [from = '', as, name] = each.rest.split(/\s+/);
      const isNamed = as?.toUpperCase() === 'AS' && name;
      stages.push({ name: isNamed ? name.toLowerCase() : null, from, line: each.line, instructions: [] });
    } else (stages.at(-1)?.instructions ?? above).push(each);
  return { above, stages };
}

/** As COPY --from, mounts and a target name one: by its name, the last of that name, or by its number. -1: there is none. */
export function stageNamed(stages: readonly StageName[], ref: string): number {
  const named = stageAbove(stages, ref, stages.length);
  return named >= 0 || !/^\d+$/.test(ref) || Number(ref) >= stages.length ? named : Number(ref);
}

/** As FROM names one: those above it alone, and by name alone. -1: it is an image. */
export const stageAbove = (stages: readonly StageName[], name: string, before: number): number =>
  stages.findLastIndex((stage, i) => i < before && stage.name === name.toLowerCase());

/** The target, or the last one where none is named. -1: there is no such stage. */
export const stageBuilt = (stages: readonly StageName[], target: string | null): number =>
  target === null ? stages.length - 1 : stageNamed(stages, target);

/** This stage, the one that it is made from, and so on. */
export function chainOf<S extends StageOrigin>(stages: readonly S[], last: number): readonly S[] {
  const chain: S[] = [];
  for (let at = last; at >= 0; ) {
    const stage = stages[at]!;
    chain.push(stage);
    at = stageAbove(stages, stage.from, at);
  }
  return chain;
}
