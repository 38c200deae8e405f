// One Compose file: read, its variables filled in, checked, each of its services in the form that Compose prints.
import type { ScalarTag } from 'yaml';
import { excerptOf } from '../../model/excerpt.ts';
import { limits } from '../../model/limits.ts';
import type { DiskPort } from '../../model/ports.ts';
import type { Problem } from '../../model/problem.ts';
import { type Path, parseSource, type Source } from '../document.ts';
import type { Variables } from '../expand.ts';
import { readNamed } from '../load-context.ts';
import type { Reads } from '../reads.ts';
import { type Fault, faultsIn } from './check.ts';
import { substitute } from './files/substitute.ts';
import { type Form, isMap, table, type Values, type Writing } from './forms/forms.ts';
import { resourceForms } from './forms/resource-forms.ts';
import { serviceFields } from './forms/service-forms.ts';
import type { Way } from './merge.ts';

export const sections = ['services', 'networks', 'volumes', 'secrets', 'configs', 'models'] as const;
export type Section = (typeof sections)[number];

/** A part of a file that something was made of. */
export interface Origin {
  readonly source: Source;
  /** As it is written there, variables filled in. */
  readonly value: unknown;
  readonly path: Path;
}

export interface Piece {
  readonly value: Values;
  /** Of the last file first. */
  readonly origins: readonly Origin[];
  /** What of earlier files it takes nothing from. */
  readonly cut: readonly Way[];
}

export interface Layer {
  readonly file: string;
  readonly dir: string;
  readonly source: Source;
  readonly value: Values;
  readonly pieces: Readonly<Record<Section, Map<string, Piece>>>;
}

/** What one reading works with. */
export interface Reading {
  readonly disk: DiskPort;
  readonly reads: Reads;
  readonly problems: Problem[];
  readonly warnings: Problem[];
  /** Compose files and env files, in the order they were read. */
  readonly files: string[];
  readonly envFiles: string[];
  /** What each env file says. */
  readonly values: [file: string, values: Readonly<Record<string, string>>][];
  /** Variables without a value that have been told. */
  readonly unset: Set<string>;
}

const tooManyFiles: Problem = {
  kind: 'yours',
  code: 'S117',
  what: `more than ${limits.composeFiles} Compose files`,
  hint: 'does one include another without end?',
};

export async function readLayer(
  file: { readonly dir: string; readonly given: string; readonly path: string; readonly told?: Pick<Problem, 'at'> },
  dir: string,
  variables: Variables,
  reading: Reading,
): Promise<Layer | null> {
  if (reading.files.length >= limits.composeFiles) {
    if (reading.files.length === limits.composeFiles) reading.problems.push(tooManyFiles);
    return null;
  }
  reading.files.push(file.path);
  const called = `the Compose file ${file.given}`;
  const text = await readNamed(
    reading,
    { dir: file.dir, given: file.given, called },
    { most: limits.configBytes, isText: true },
  );
  if (typeof text !== 'string') {
    reading.problems.push({ ...text, kind: 'yours', code: 'S117', ...file.told });
    return null;
  }
  const source = parseSource(text, file.path, dialect);
  reading.problems.push(...source.problems);
  if (source.problems.length > 0) return null;
  if (!isMap(source.value)) {
    tell(
      reading,
      source,
      'S103',
      [],
      source.value === null || source.value === undefined ? 'this Compose file is empty' : 'a Compose file is a map',
      'it begins with services:',
    );
    return null;
  }
  const cut = source.tagged.map(({ path }) => path);
  const filled = text.includes('$') ? fill(source.value, [], { source, variables, reading }) : source.value;
  const value = source.tagged.reduce<unknown>(
    (all, { path, tag }) => (tag === '!reset' ? removed(all, path) : all),
    filled,
  ) as Values;
  const faults = faultsIn(value, false);
  for (const fault of faults) tellFault(reading, source, fault);
  const isBad = (path: Path) =>
    faults.some((fault) => path.every((key, i) => i >= fault.path.length || fault.path[i] === key));
  const pieces = {} as Record<Section, Map<string, Piece>>;
  for (const section of sections) pieces[section] = piecesOf(section, { value, source, dir, cut, reading, isBad });
  return { file: file.path, dir, source, value, pieces };
}

interface Making {
  readonly value: Values;
  readonly source: Source;
  readonly dir: string;
  readonly cut: readonly Path[];
  readonly reading: Reading;
  readonly isBad: (path: Path) => boolean;
}

const service = table(serviceFields);

function piecesOf(section: Section, { value, source, dir, cut, reading, isBad }: Making): Map<string, Piece> {
  const made = new Map<string, Piece>();
  const all = value[section];
  if (!isMap(all)) return made;
  const form = section === 'services' ? service : (resourceForms[section] as Form);
  for (const [name, each] of Object.entries(all)) {
    const path = [section, name];
    const trail: (string | number)[] = [];
    const fail: Writing['fail'] = (what, hint) => tell(reading, source, 'S103', [...path, ...trail], what, hint);
    const is = isBad(path) ? {} : (form(each ?? {}, { dir, trail, fail }) as Values);
    const ways = cut.filter((way) => way[0] === section && way[1] === name).map((way) => way.slice(2).map(String));
    made.set(name, { value: is, origins: [{ source, value: each, path }], cut: ways });
  }
  return made;
}

interface Filling {
  readonly source: Source;
  readonly variables: Variables;
  readonly reading: Reading;
}

function fill(value: unknown, path: Path, filling: Filling): unknown {
  if (typeof value === 'string') {
    const { source, reading, variables } = filling;
    return substitute(value, {
      variables,
      fail: (what, hint) => tell(reading, source, 'S105', path, what, hint),
      unset: (name) => {
        if (reading.unset.has(name) || reading.unset.size >= limits.configProblems) return;
        reading.unset.add(name);
        const hint = `set it, write it in .env, or write \${${name}:-default}`;
        reading.warnings.push({
          kind: 'yours',
          code: 'S105',
          what: `the variable ${name} is not set: nothing stands for it`,
          hint,
          at: source.at(path),
        });
      },
    });
  }
  if (Array.isArray(value)) return value.map((each, i) => fill(each, [...path, i], filling));
  if (!isMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inside]) => [key, fill(inside, [...path, key], filling)]));
}

function removed(value: unknown, [key, ...rest]: Path): unknown {
  if (key === undefined) return value;
  if (Array.isArray(value))
    return rest.length === 0
      ? value.filter((_, i) => i !== key)
      : value.map((each, i) => (i === key ? removed(each, rest) : each));
  if (!isMap(value)) return value;
  const entries = Object.entries(value);
  if (rest.length === 0) return Object.fromEntries(entries.filter(([name]) => name !== key));
  return Object.fromEntries(entries.map(([name, each]) => [name, name === key ? removed(each, rest) : each]));
}

const tellFault = (reading: Reading, source: Source, { code, path, what, hint, isKey }: Fault): void =>
  tell(reading, source, code, path, what, hint, isKey);

export function tell(
  { problems }: Pick<Reading, 'problems'>,
  source: Source,
  code: string,
  path: Path,
  what: string,
  hint: string,
  isKey = false,
): void {
  const at = isKey ? source.keyAt(path) : source.at(path);
  const excerpt = problems.length < limits.configProblems ? excerptOf(source.text, at) : null;
  problems.push({ kind: 'yours', code, what, hint, at, ...(excerpt ? { excerpt } : {}) });
}

const integer = 'tag:yaml.org,2002:int';
const scalar = (tag: string, test: RegExp, resolve: (text: string) => unknown): ScalarTag => ({
  tag,
  default: true,
  test,
  resolve,
});

/** As Go's YAML reads them: octal digits after a 0, underscores within numbers, a day as a moment. */
const dialect = {
  tags: ['!reset', '!override'],
  scalars: [
    scalar(integer, /^[-+]?0[0-7_]+$/, (digits) => Number.parseInt(digits.replaceAll('_', ''), 8)),
    scalar(integer, /^[-+]?[1-9][0-9]*_[0-9_]*$/, (digits) => Number(digits.replaceAll('_', ''))),
    scalar('tag:yaml.org,2002:timestamp', /^\d{4}-\d{2}-\d{2}$/, (day) => `${day} 00:00:00 +0000 UTC`),
  ],
};
