// The file against its schema: every fault with its place, and what is left of the file without them, so that the checks
// that follow can report theirs at the same time.
import { basename } from 'node:path';
import { nearest } from '../../model/text/nearest.ts';
import type { Report } from '../report.ts';
import { dotted, type Path } from '../yaml/document.ts';
import { keyHint } from './known-keys.ts';
import { type Raw, schema } from './schema.ts';
import { type Issue, shown, wordsOf } from './words.ts';

/** Null when nothing usable is left. */
export function validate(value: unknown, report: Report): Raw | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const file = basename(report.at([]).file);
    const what = value === null || value === undefined ? 'is empty' : `is ${kindOf(value)}, not a map of keys`;
    const hint = 'its keys are images, kubernetes, local, resources, settings; `sluice init` writes one';
    report.add('S103', [], `${file} ${what}`, hint);
    return null;
  }
  let rest: unknown = withoutPrototype(value, [], report);
  for (let round = 0; round < 8; round++) {
    const parsed = schema.safeParse(rest, { reportInput: true });
    if (parsed.success) return parsed.data;
    rest = structuredClone(rest);
    const issues = parsed.error.issues.flatMap((each) => leaves(each, []));
    // Later rounds meet only what the cuts of earlier ones left behind.
    if (round === 0) for (const issue of issues.filter((each) => !isMistyped(each, issues))) tell(issue, report);
    for (const issue of issues) cut(rest, issue, round);
  }
  return null;
}

const kindOf = (value: unknown): string => (Array.isArray(value) ? 'a list' : `the text ${shown(value)}`);

const forbidden = '__proto__';

/** `__proto__` is the one key that JavaScript does not keep as a name of its own: it is refused wherever it stands. */
function withoutPrototype(value: unknown, path: Path, report: Report): unknown {
  if (Array.isArray(value)) return value.map((each, i) => withoutPrototype(each, [...path, i], report));
  if (typeof value !== 'object' || value === null) {
    if (value === forbidden) report.add('S103', path, `${forbidden} cannot be a name`, 'choose another one');
    return value;
  }
  const kept = Object.entries(value).filter(([key]) => key !== forbidden);
  if (Object.hasOwn(value, forbidden))
    report.add('S103', [...path, forbidden], `${forbidden} cannot be a name`, 'choose another one', 'key');
  return Object.fromEntries(kept.map(([key, inside]) => [key, withoutPrototype(inside, [...path, key], report)]));
}

/** Of a union, the faults of the one form that the value seems to mean: that with the fewest. */
function leaves(issue: Issue, base: Path): Issue[] {
  const path = [...base, ...(issue.path as (string | number)[])];
  if (issue.code !== 'invalid_union') return [{ ...issue, path }];
  const forms = issue.errors.filter(
    (errors) => !errors.some((error) => error.path.length === 0 && error.code === 'invalid_type'),
  );
  const [meant] = forms.toSorted((a, b) => weight(a) - weight(b));
  if (meant) return meant.flatMap((each) => leaves(each, path));
  return [{ ...issue, path }];
}

/** A key that is unknown to a form speaks louder against it than one that is missing. */
const weight = (issues: readonly Issue[]): number =>
  issues.reduce((sum, issue) => sum + (issue.code === 'unrecognized_keys' ? 2 * issue.keys.length : 1), 0);

/** A key that is missing where one much like it is unknown: told once. */
function isMistyped(issue: Issue, all: readonly Issue[]): boolean {
  if (issue.code !== 'invalid_type' || issue.input !== undefined) return false;
  const [key, holder] = [String(issue.path.at(-1)), dotted(issue.path.slice(0, -1) as Path)];
  return all.some(
    (other) =>
      other.code === 'unrecognized_keys' &&
      dotted(other.path as Path) === holder &&
      other.keys.some((each) => nearest(each, [key]) !== null),
  );
}

function tell(issue: Issue, report: Report): void {
  const path = issue.path as Path;
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys)
      report.add('S102', [...path, key], `unknown key ${key || '""'}${inside(path)}`, keyHint(key, path), 'key');
    return;
  }
  const { what, hint } = wordsOf(issue);
  report.add('S103', path, what, hint, issue.code === 'invalid_key' ? 'key' : undefined);
}

const inside = (path: Path): string => (path.length > 0 ? ` in ${dotted(path)}` : '');

/** Removes what is wrong: a key, never a list entry (the places of those behind it would shift); one more level each round. */
function cut(root: unknown, issue: Issue, round: number): void {
  const path = issue.path as Path;
  if (issue.code === 'unrecognized_keys') for (const key of issue.keys) remove(root, [...path, key]);
  else remove(root, keyed(path, round));
}

function keyed(path: Path, round: number): Path {
  let shorter = path;
  for (let up = round; ; up--) {
    while (typeof shorter.at(-1) === 'number') shorter = shorter.slice(0, -1);
    if (up === 0 || shorter.length <= 1) return shorter;
    shorter = shorter.slice(0, -1);
  }
}

function remove(root: unknown, path: Path): void {
  const last = path.at(-1);
  let holder = root as Record<string | number, unknown> | undefined;
  for (const key of path.slice(0, -1)) holder = holder?.[key] as typeof holder;
  if (last !== undefined && typeof holder === 'object' && holder !== null) delete holder[last];
}
