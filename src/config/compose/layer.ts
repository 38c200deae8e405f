// One Compose file: read, its variables filled in, checked, each of its services in the form that Compose prints.
import { limits } from '../../model/limits.ts';
import { excerptOf } from '../../model/problems/excerpt.ts';
import type { Problem } from '../../model/problems/problem.ts';
import type { Variables } from '../environment/expand.ts';
import type { Path, Source } from '../yaml/document.ts';
import { type Fault, faultsIn } from './checks/check.ts';
import { isToldEarly } from './checks/early.ts';
import { documentsOf } from './files/document-cache.ts';
import { substitute } from './files/substitute.ts';
import { calledFile, readOnce, type Texts } from './files/texts.ts';
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
  /** What is missing in it, if no other file says it. */
  readonly needs: readonly Fault[];
}

/** One document of a file. */
export interface Layer {
  readonly file: string;
  readonly dir: string;
  readonly source: Source;
  readonly value: Values;
  readonly pieces: Readonly<Record<Section, Map<string, Piece>>>;
}

/** What one reading works with. */
export interface Reading extends Texts {
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

export interface LayerFile {
  readonly dir: string;
  readonly given: string;
  readonly path: string;
  readonly told?: Pick<Problem, 'at'>;
  /** Only services of it are extended: what else it says is nobody's. */
  readonly isBase?: boolean;
}

/** Its documents; none where it cannot be read: that is told. */
export async function readLayers(
  file: LayerFile,
  dir: string,
  variables: Variables,
  reading: Reading,
): Promise<readonly Layer[]> {
  if (reading.files.length >= limits.composeFiles) {
    if (reading.files.length === limits.composeFiles) reading.problems.push(tooManyFiles);
    return [];
  }
  reading.files.push(file.path);
  const text = await readOnce(reading, { dir: file.dir, given: file.given, called: calledFile(file.given) });
  if (typeof text !== 'string') {
    reading.problems.push({ ...text, kind: 'yours', code: 'S117', ...file.told });
    return [];
  }
  return documentsOf(text, file.path).flatMap((source) => {
    reading.problems.push(...source.problems);
    reading.warnings.push(...source.warnings);
    if (source.problems.length > 0) return [];
    if (isMap(source.value)) return [layerOf(source, file, { dir, variables, reading })];
    const isNothing = source.value === null || source.value === undefined;
    const what = isNothing ? 'this Compose file is empty' : 'a Compose file is a map';
    tell(reading, source, 'S103', [], what, 'it begins with services:');
    return [];
  });
}

function layerOf(
  source: Source,
  { path: file, isBase = false }: LayerFile,
  { dir, variables, reading }: { readonly dir: string; readonly variables: Variables; readonly reading: Reading },
): Layer {
  const cut = source.tagged.map(({ path }) => path);
  const filled = /\$|!!binary/.test(source.text)
    ? fill(source.value, [], { source, variables, reading })
    : source.value;
  const value = source.tagged.reduce<unknown>(
    (all, { path, tag }) => (tag === '!reset' ? removed(all, path) : all),
    filled,
  ) as Values;
  const pieces = emptyPieces();
  const layer = { file, dir, source, value, pieces };
  if (isBase) {
    tellEarly(layer, reading);
    return layer;
  }
  const all = faultsIn(value, true);
  const faults = [...all.filter(({ isNeed }) => !isNeed), ...fractionsIn(value, source)];
  for (const fault of faults) tellFault(reading, source, fault);
  const isBad = (path: Path) =>
    faults.some((fault) => path.every((key, i) => i >= fault.path.length || fault.path[i] === key));
  const missing = all.filter(({ isNeed }) => isNeed);
  for (const section of sections) {
    const named = value[section];
    for (const [name, each] of Object.entries(isMap(named) ? named : {})) {
      const needs = missing.filter(({ path }) => path[0] === section && path[1] === name);
      const piece = pieceOf(section, name, isBad([section, name]) ? {} : each, { source, dir, cut, reading });
      pieces[section].set(name, { ...piece, needs });
    }
  }
  return layer;
}

export const emptyPieces = (): Record<Section, Map<string, Piece>> =>
  Object.fromEntries(sections.map((section) => [section, new Map()])) as Record<Section, Map<string, Piece>>;

/** Of what is no value of its kind at all nothing is said here. */
function tellEarly({ source, value, dir }: Layer, reading: Reading): void {
  for (const section of sections)
    for (const [name, each] of Object.entries(isMap(value[section]) ? value[section] : {})) {
      if (!isMap(each)) continue;
      const wrong = new Set(faultsIn({ [section]: { [name]: each } }, false).map(({ path }) => path[2]));
      const right = Object.fromEntries(Object.entries(each).filter(([key]) => !wrong.has(key)));
      pieceOf(section, name, right, { source, dir, cut: [], reading, isEarly: true });
    }
}

/** Of a file of which only this one is asked for. */
export function extendable(layer: Layer, name: string, reading: Reading): Piece | null {
  const known = layer.pieces.services.get(name);
  const { services } = layer.value;
  if (known || !isMap(services) || !Object.hasOwn(services, name)) return known ?? null;
  const { source, dir } = layer;
  const faults = faultsIn({ services: { [name]: services[name] } }, false);
  for (const fault of faults) tellFault(reading, source, fault);
  const cut = source.tagged.map(({ path }) => path);
  const making = { source, dir, cut, reading, isEarly: false };
  const made = pieceOf('services', name, faults.length > 0 ? {} : services[name], making);
  layer.pieces.services.set(name, made);
  return made;
}

/** A port is a whole number, and written as one: `80.0` is none to Compose. */
function fractionsIn({ services }: Values, source: Source): readonly Fault[] {
  const hint = 'write a whole number, or a range in quotes';
  const within = (name: string, key: string, listed: unknown): readonly Fault[] =>
    (Array.isArray(listed) ? listed : []).flatMap((port, i): readonly Fault[] => {
      const path = ['services', name, key, i];
      const written = typeof port === 'number' ? (source.written(path) ?? '') : '';
      const isFraction = /^[-+]?(?!0[xX])[\d_]*[.eE]/.test(written);
      return isFraction ? [{ code: 'S103', path, what: `${written} is no port`, hint }] : [];
    });
  return Object.entries(isMap(services) ? services : {}).flatMap(([name, service]) =>
    isMap(service) ? [...within(name, 'expose', service.expose), ...within(name, 'ports', service.ports)] : [],
  );
}

interface Making {
  readonly source: Source;
  readonly dir: string;
  readonly cut: readonly Path[];
  readonly reading: Reading;
  /** Only what is told early is told, or only the rest. */
  readonly isEarly?: boolean;
}

const service = table(serviceFields);

function pieceOf(section: Section, name: string, given: unknown, making: Making): Piece {
  const { source, dir, cut, reading } = making;
  const form = section === 'services' ? service : (resourceForms[section] as Form);
  const path = [section, name];
  const trail: (string | number)[] = [];
  const fail: Writing['fail'] = (what, hint) => {
    if (making.isEarly === undefined || making.isEarly === isToldEarly(section, trail))
      tell(reading, source, 'S103', [...path, ...trail], what, hint);
  };
  const value = form(given ?? {}, { dir, trail, fail }) as Values;
  // Nothing is something where it is said of these: what an earlier file says of them counts no more.
  for (const key of section === 'services' && isMap(given) ? ['command', 'entrypoint', 'pid'] : [])
    if ((given as Values)[key] === null) value[key] = null;
  const ways = cut.filter((way) => way[0] === section && way[1] === name).map((way) => way.slice(2).map(String));
  return { value, origins: [{ source, value: given, path }], cut: ways, needs: [] };
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
