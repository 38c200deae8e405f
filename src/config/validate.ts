// The file against its schema: every fault with its place, and what is left of the file without them, so that the checks
// that follow can report theirs at the same time.

import type { z } from 'zod';
import { shortened } from '../model/cut.ts';
import { lookup } from '../model/lookup.ts';
import { hintFor } from '../model/nearest.ts';
import type { Path } from './document.ts';
import type { Report } from './report.ts';
import { type Raw, schema } from './schema.ts';
import { configSchema, type JsonSchema } from './schema-json.ts';

type Issue = z.core.$ZodIssue;

/** Null when nothing usable is left. */
export function validate(value: unknown, report: Report): Raw | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    report.add(
      'S103',
      [],
      'sluice.yaml is empty or no map of keys',
      'it has the keys images, kubernetes, local, resources, settings',
    );
    return null;
  }
  let rest: unknown = withoutPrototype(value, [], report);
  for (let round = 0; round < 8; round++) {
    const parsed = schema.safeParse(rest, { reportInput: true });
    if (parsed.success) return parsed.data;
    rest = structuredClone(rest);
    for (const issue of parsed.error.issues.flatMap((each) => leaves(each, []))) {
      // Later rounds meet only what the cuts of earlier ones left behind.
      if (round === 0) tell(issue, report);
      cut(rest, issue, round);
    }
  }
  return null;
}

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

/** Of a union, the faults of the one form that the value seems to mean. */
function leaves(issue: Issue, base: Path): Issue[] {
  const path = [...base, ...(issue.path as (string | number)[])];
  if (issue.code !== 'invalid_union') return [{ ...issue, path }];
  const meant = issue.errors.find(
    (errors) => !errors.some((error) => error.path.length === 0 && error.code === 'invalid_type'),
  );
  if (meant) return meant.flatMap((each) => leaves(each, path));
  const expected = issue.errors.flatMap((errors) =>
    errors.flatMap((error) => ('expected' in error ? [words(error.expected as string)] : [])),
  );
  return [{ ...issue, path, message: `expected ${[...new Set(expected)].join(' or ')}` }];
}

function tell(issue: Issue, report: Report): void {
  const path = issue.path as Path;
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys)
      report.add('S102', [...path, key], `unknown key ${key}${inside(path)}`, hintFor(key, keysAt(path)), 'key');
    return;
  }
  const where = path.length > 0 ? `${dotted(path)}: ` : '';
  report.add('S103', path, `${where}${message(issue)}`);
}

function message(issue: Issue): string {
  if (issue.code === 'invalid_type')
    return issue.input === undefined ? 'is missing' : `expected ${words(issue.expected)}, not ${shown(issue.input)}`;
  if (issue.code === 'invalid_value') return `expected ${issue.values.join(' or ')}, not ${shown(issue.input)}`;
  if (issue.code === 'too_small')
    return issue.origin === 'string' ? 'must not be empty' : `must be at least ${issue.minimum}`;
  if (issue.code === 'too_big')
    return `must be at most ${issue.maximum}${issue.origin === 'string' ? ' characters' : ''}`;
  if (issue.code === 'invalid_union') return `${issue.message}, not ${shown(issue.input)}`;
  if (issue.code === 'invalid_key') return issue.issues[0]?.message ?? 'has no usable name';
  return `${issue.message}${typeof issue.input === 'object' ? '' : `, not ${shown(issue.input)}`}`;
}

const names: Readonly<Record<string, string>> = {
  array: 'a list',
  object: 'a map of keys',
  record: 'a map of keys',
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
};
const words = (expected: string): string => names[expected] ?? expected;

function shown(input: unknown): string {
  if (Array.isArray(input)) return 'a list';
  if (input === null) return 'nothing';
  if (typeof input === 'object') return 'a map of keys';
  const text = String(input);
  return shortened(text, 60);
}

export const dotted = (path: Path): string =>
  path
    .map((key) => (typeof key === 'number' ? `[${key}]` : key))
    .join('.')
    .replaceAll('.[', '[');
const inside = (path: Path): string => (path.length > 0 ? ` in ${dotted(path)}` : '');

/** Keys the schema knows at a path. */
function keysAt(path: Path): string[] {
  let forms: readonly JsonSchema[] = [configSchema()];
  for (const key of path)
    forms = forms.flatMap(spread).flatMap((form) => {
      const next = typeof key === 'number' ? form.items : (lookup(form.properties, key) ?? form.additionalProperties);
      return typeof next === 'object' ? [next] : [];
    });
  return forms.flatMap(spread).flatMap((form) => Object.keys(form.properties ?? {}));
}

const spread = (form: JsonSchema): readonly JsonSchema[] => (form.anyOf ? form.anyOf.flatMap(spread) : [form]);

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
