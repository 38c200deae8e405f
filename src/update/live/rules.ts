// Where a local path goes by the live rules of an image, and which rule a path hits. Pure.
import type { LiveRule } from '../../model/config.ts';
import { matcher } from '../../model/fileset.ts';
import { ProblemError } from '../../model/problems/problem.ts';

export type SyncRule = Extract<LiveRule, { is: 'sync' }>;

/** True where an absolute path is one of `patterns` (absolute, in .dockerignore syntax), or lies below one. */
export function hits(patterns: readonly string[], path: string): boolean {
  // Most are plain paths.
  if (patterns.some((pattern) => path === pattern || path.startsWith(withSlash(pattern)))) return true;
  const globs = patterns.filter((pattern) => /[*?[\\]/.test(pattern));
  return globs.length > 0 && !matcher({ roots: ['/'], filters: [{ base: '/', patterns: globs }] }).has(path);
}

/** The first sync rule that covers an absolute local path; null when none does. */
export function syncRuleFor(rules: readonly LiveRule[], path: string): SyncRule | null {
  const found = rules.find(
    (rule) =>
      rule.is === 'sync' &&
      (path === rule.from || path.startsWith(withSlash(rule.from))) &&
      (rule.files === undefined || matcher(rule.files).has(path)),
  );
  return (found as SyncRule | undefined) ?? null;
}

/**
 * The path inside the container for a local path that `rule` covers. A single file goes to `to`, or into it where `to`
 * ends with a slash. Throws a ProblemError with the rule's place for a target that is relative or climbs with `..`.
 */
export function targetOf(rule: SyncRule, path: string): string {
  const to = targetRoot(rule);
  if (path === rule.from) return rule.to.endsWith('/') ? join(to, path.slice(path.lastIndexOf('/') + 1)) : to;
  return join(to, path.slice(withSlash(rule.from).length));
}

/** The rule's target directory without a slash at its end: the place above which nothing may be removed. */
export function targetRoot(rule: SyncRule): string {
  const segments = rule.to.split('/').filter((segment) => segment !== '' && segment !== '.');
  if (!rule.to.startsWith('/') || segments.includes('..'))
    throw new ProblemError({
      kind: 'yours',
      code: 'S701',
      what: `sync target "${rule.to}" must be an absolute path in the container, without ".."`,
      hint: 'write it from the root of the container, such as /app/src',
      at: rule.at,
    });
  return `/${segments.join('/')}`;
}

const withSlash = (dir: string): string => (dir.endsWith('/') ? dir : `${dir}/`);
const join = (dir: string, name: string): string => (dir === '/' ? `/${name}` : `${dir}/${name}`);
