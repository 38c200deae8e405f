// A Dockerfile that stands in the configuration itself: a text of several lines where else the path of one stands.
import type { SourcePos } from '../../model/problems/problem.ts';
import { type Loading, readOr } from '../load-context.ts';

/** No path has an end of line in it. */
export const isInline = (dockerfile: unknown): dockerfile is string =>
  typeof dockerfile === 'string' && dockerfile.includes('\n');

/**
 * Where its first line stands, so that a problem with one of its lines is told at that line. Null where its lines are none of the
 * file's: a quoted or folded text, one that an alias or a variable stands for.
 */
export async function firstLineOf(
  text: string,
  at: SourcePos,
  loading: Pick<Loading, 'disk' | 'reads'>,
): Promise<SourcePos | null> {
  const lines = ((await readOr(loading, at.file)) ?? '').split(/\r?\n/).slice(at.line);
  const wanted = text.trimEnd().split(/\r?\n/);
  const isSame = wanted.every((line, i) => lines[i]?.trim() === line.trim());
  return isSame ? { ...at, line: at.line + 1, column: 1 } : null;
}
