// One finding of `doctor`.
import { isProblemError, type Problem } from '../../model/problems/problem.ts';

export interface Check {
  readonly name: string;
  /** `warn`: works, but worse than it could. */
  readonly status: 'ok' | 'warn' | 'fail';
  readonly what: string;
  readonly hint?: string;
}

export const failed = (name: string, { what, at, hint }: Problem): Check => ({
  name,
  status: 'fail',
  what: at ? `${what} at ${at.file}:${at.line}` : what,
  ...(hint ? { hint } : {}),
});

/** What `check` finds; a problem it meets is its finding too. */
export async function found(name: string, check: () => Promise<readonly Check[]>): Promise<readonly Check[]> {
  try {
    return await check();
  } catch (error) {
    if (!isProblemError(error)) throw error;
    return [failed(name, error.problem)];
  }
}
