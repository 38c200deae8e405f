// What goes in a circle can never start: it is told whole, with the place of each of its steps.
import { basename, relative } from 'node:path';
import { limits } from '../model/limits.ts';
import type { SourcePos } from '../model/problems/problem.ts';

/** Each circle once, from where it was entered back to there. */
export function circles(
  names: readonly string[],
  next: (name: string) => readonly string[],
  tell: (circle: readonly string[]) => void,
): void {
  const done = new Set<string>();
  const visit = (name: string, path: readonly string[]): void => {
    const start = path.indexOf(name);
    if (start >= 0) tell([...path.slice(start), name]);
    if (start >= 0 || done.has(name)) return;
    for (const each of next(name)) visit(each, [...path, name]);
    done.add(name);
  };
  for (const name of names) visit(name, []);
}

/** A step of a circle, and where it is said. */
export interface CircleStep {
  readonly says: string;
  readonly at: SourcePos;
}

/** `a needs b at sluice.yaml:3:15, b needs a at compose.yaml:4:9: remove one of these`; files as seen from `dir`. */
export function stepsText(steps: readonly CircleStep[], dir: string): string {
  const told = steps.slice(0, limits.circleSteps).map(({ says, at }) => `${says} at ${placeFrom(dir, at)}`);
  const more = steps.length - told.length;
  return `${told.join(', ')}${more > 0 ? `, and ${more} more` : ''}: remove one of these`;
}

function placeFrom(dir: string, { file, line, column }: SourcePos): string {
  const path = relative(dir, file);
  return `${path.startsWith('..') ? basename(file) : path}:${line}:${column}`;
}
