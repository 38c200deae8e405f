// A value against the grammar of Compose files: everything that is wrong with it, each with its path.
import { lookup } from '../../model/lookup.ts';
import { hintFor } from '../../model/nearest.ts';
import type { Path } from '../document.ts';
import { grammar, rules, type Shape } from './grammar.ts';

export interface Fault {
  readonly code: 'S102' | 'S103';
  readonly path: Path;
  readonly what: string;
  readonly hint: string;
  /** At the key, not at its value. */
  readonly isKey?: boolean;
}

type Table = Readonly<Record<string, Shape>>;
type Values = Readonly<Record<string, unknown>>;

/** What must be there is looked for where `isWhole`: a file that is laid over another need not repeat it. */
export function faultsIn(value: unknown, isWhole: boolean, from: Path = [], shape: Shape = grammar): Fault[] {
  const faults: Fault[] = [];
  check(shape, value, from, isWhole, faults);
  return faults;
}

function check(shape: Shape, value: unknown, path: Path, isWhole: boolean, faults: Fault[]): void {
  const forms = alternatives(shape);
  if (forms.some((form) => typeof form === 'string' && isOf(form, value))) return;
  if (Array.isArray(value)) {
    const each = forms.map(itemsOf).find((found) => found !== null);
    if (each !== undefined && each !== null) {
      for (const [i, item] of value.entries()) check(each, item, [...path, i], isWhole, faults);
      return;
    }
  } else if (isMap(value)) {
    const table = forms.find((form): form is Table => typeof form === 'object' && itemsOf(form) === null);
    if (table) {
      checkMap(table, value, path, isWhole, faults);
      return;
    }
  }
  faults.push({
    code: 'S103',
    path,
    what: `${called(path)} ${mustBe(forms)}, not ${kindOf(value)}`,
    hint: hintOf(forms),
  });
}

function checkMap(table: Table, value: Values, path: Path, isWhole: boolean, faults: Fault[]): void {
  const known = Object.keys(table).filter((key) => key !== '*' && key !== '!');
  for (const [key, inside] of Object.entries(value)) {
    if (known.includes(key)) check(table[key] as Shape, inside, [...path, key], isWhole, faults);
    else if (table['*'] !== undefined && isNameAt(path, key))
      check(table['*'], inside, [...path, key], isWhole, faults);
    else if (!key.startsWith('x-')) faults.push(unknown(key, path, known));
  }
  const needed = typeof table['!'] === 'string' && isWhole ? table['!'].split(',') : [];
  for (const key of needed)
    if (!Object.hasOwn(value, key))
      faults.push({ code: 'S103', path, what: `${called(path)} has no ${key}`, hint: `write ${key}: there` });
}

function unknown(key: string, path: Path, known: readonly string[]): Fault {
  const shown = key.slice(0, 100);
  const fault = { code: 'S102', path: [...path, key], isKey: true } as const;
  if (known.length === 0)
    return {
      ...fault,
      what: `${shown} cannot be a name in ${called(path)}`,
      hint: 'letters, digits, dots, _ and - make one',
    };
  const where = path.length === 0 ? 'a Compose file' : called(path);
  return { ...fault, what: `${where} knows no ${shown}`, hint: hintFor(key, known) };
}

/** Names of services and the like; keys of options are free. */
const isNameAt = (path: Path, key: string): boolean => path.length !== 1 || /^[a-zA-Z0-9._-]+$/.test(key);

const isMap = (value: unknown): value is Values => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The forms of a shape, rules looked up and `a|b` taken apart. */
function alternatives(shape: Shape): readonly Shape[] {
  const known = taken.get(shape) ?? takenApart(shape);
  taken.set(shape, known);
  return known;
}

/** Each shape of the grammar is taken apart once. */
const taken = new Map<Shape, readonly Shape[]>();

function takenApart(shape: Shape): readonly Shape[] {
  if (typeof shape === 'string') {
    if (shape.startsWith('@')) return alternatives(lookup(rules, shape.slice(1)) as Shape);
    return shape.includes('|') ? shape.split('|') : [shape];
  }
  return Array.isArray(shape) ? shape.flatMap(alternatives) : [shape];
}

/** What the items of a list must be; null for what is no list. */
function itemsOf(form: Shape): Shape | null {
  if (typeof form === 'string') return form.endsWith('[]') ? form.slice(0, -2) : null;
  return (form as Table)['[]'] ?? null;
}

function isOf(type: string, value: unknown): boolean {
  if (type.startsWith('=')) return typeof value === 'string' && type.slice(1).split(',').includes(value);
  if (type === 'null') return value === null;
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'object') return isMap(value);
  return !type.endsWith('[]') && typeof value === type;
}

const called = (path: Path): string => (path.length === 0 ? 'the file' : path.join('.').slice(0, 200));

const kindOf = (value: unknown): string => {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  return typeof value === 'string' ? `"${value.slice(0, 40)}"` : String(value);
};

const typeNames: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  object: 'a map',
  null: 'nothing',
};

function mustBe(forms: readonly Shape[]): string {
  const names = forms.map((form) => {
    if (typeof form !== 'string') return itemsOf(form) === null ? 'a map' : 'a list';
    if (form.startsWith('=')) return form.slice(1).split(',').join(' or ');
    return form.endsWith('[]') ? 'a list of texts' : (lookup(typeNames, form) ?? form);
  });
  return `must be ${[...new Set(names)].join(' or ')}`;
}

const hintOf = (forms: readonly Shape[]): string =>
  forms.includes('string') ? 'a text of digits stands in quotes' : 'write it as the Compose specification has it';
