// Collects the problems of one load. A check below something already reported is silent: it would name a consequence.
import { limits } from '../model/limits.ts';
import { excerptOf } from '../model/problems/excerpt.ts';
import type { Problem, SourcePos } from '../model/problems/problem.ts';
import type { Path, Source } from './yaml/document.ts';

export interface Report {
  readonly problems: readonly Problem[];
  /** `what` and `hint` are for people; the place is that of the value at `path`, or of its key. */
  add(code: string, path: Path, what: string, hint?: string, place?: 'key'): void;
  /** What is right and will hardly be meant. */
  readonly warnings: readonly Problem[];
  warn(code: string, path: Path, what: string, hint: string): void;
  /** The same, where its place is known already. */
  warnAt(code: string, what: string, hint: string, at: SourcePos): void;
  /** A problem that has its place already. */
  put(...problems: readonly Problem[]): void;
  /** Anything reported at this path, below it, or for a whole that it is part of? */
  has(path: Path): boolean;
  at(path: Path): SourcePos;
  keyAt(path: Path): SourcePos;
}

export function createReport(source: Source): Report {
  const problems: Problem[] = [];
  const warnings: Problem[] = [];
  const bad: Path[] = [];
  const excerptAt = (place: SourcePos): Pick<Problem, 'excerpt'> => {
    const excerpt = problems.length < limits.configProblems ? excerptOf(source.text, place) : null;
    return excerpt ? { excerpt } : {};
  };
  const { file } = source.at([]);
  const withLine = (problem: Problem): Problem =>
    problem.at?.file === file && !problem.excerpt ? { ...problem, ...excerptAt(problem.at) } : problem;
  const at = (path: Path): SourcePos => source.at(path);
  return {
    problems,
    add(code, path, what, hint, place) {
      const where = place ? source.keyAt(path) : at(path);
      problems.push({
        kind: 'yours',
        code,
        what,
        ...(hint ? { hint } : {}),
        at: where,
        ...excerptAt(where),
      });
      bad.push(path);
    },
    warnings,
    warn: (code, path, what, hint) => void warnings.push({ kind: 'yours', code, what, hint, at: at(path) }),
    warnAt: (code, what, hint, place) => void warnings.push({ kind: 'yours', code, what, hint, at: place }),
    put: (...given) => void problems.push(...given.map(withLine)),
    has: (path) => bad.some((each) => each.every((key, i) => i >= path.length || path[i] === key)),
    at,
    keyAt: source.keyAt,
  };
}
