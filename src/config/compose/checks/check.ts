// A value against the grammar of Compose files: everything that is wrong with it, each with its path.
import { lookup } from '../../../model/text/lookup.ts';
import { hintFor } from '../../../model/text/nearest.ts';
import type { Path } from '../../yaml/document.ts';
import { grammar, rules, type Shape } from './grammar.ts';

export interface Fault {
  readonly code: 'S102' | 'S103';
  readonly path: Path;
  readonly what: string;
  readonly hint: string;
  /** At the key, not at its value. */
  readonly isKey?: boolean;
  /** Something is missing. */
  readonly isNeed?: boolean;
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
      if (forms.some(isDistinct)) faults.push(...twiceIn(value, path));
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

/** A list of which each item stands in it once. */
const isDistinct = (form: Shape): boolean =>
  typeof form === 'string' ? form.endsWith('[!]') : Object.hasOwn(form, '[]') && Object.hasOwn(form, '!');

const twiceIn = (items: readonly unknown[], path: Path): Fault[] =>
  items.flatMap((item, i) =>
    items.indexOf(item) === i
      ? []
      : [
          {
            code: 'S103' as const,
            path: [...path, i],
            what: `${kindOf(item)} stands twice in ${called(path)}`,
            hint: 'take one of them out',
          },
        ],
  );

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
      faults.push({
        code: 'S103',
        path,
        what: `${called(path)} has no ${key}`,
        hint: `write ${key}: there`,
        isNeed: true,
      });
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
    return shape.includes('|') && !shape.startsWith('~') ? shape.split('|') : [shape];
  }
  return Array.isArray(shape) ? shape.flatMap(alternatives) : [shape];
}

/** What the items of a list must be; null for what is no list. */
function itemsOf(form: Shape): Shape | null {
  if (typeof form === 'string') return /\[!?\]$/.exec(form) ? form.replace(/\[!?\]$/, '') : null;
  return (form as Table)['[]'] ?? null;
}

function isOf(type: string, value: unknown): boolean {
  if (type.startsWith('=')) return typeof value === 'string' && type.slice(1).split(',').includes(value);
  if (type.startsWith('~')) return typeof value === 'string' && patternOf(type.slice(1)).test(value);
  if (type === 'null') return value === null;
  if (type.startsWith('integer')) return isInteger(value, type.split(':').slice(1).map(Number));
  if (type === 'object') return isMap(value);
  if (type === 'number') return typeof value === 'bigint' || Number.isFinite(value);
  return !type.endsWith(']') && typeof value === type;
}

const isInteger = (value: unknown, [least = -Infinity, most = Infinity]: readonly number[]): boolean =>
  (typeof value === 'bigint' || Number.isInteger(value)) && Number(value) >= least && Number(value) <= most;

const patterns = new Map<string, RegExp>();

function patternOf(text: string): RegExp {
  const known = patterns.get(text) ?? new RegExp(text);
  patterns.set(text, known);
  return known;
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
    if (form.startsWith('~')) return `a text like ${form.slice(1)}`;
    const [, least, most] = form.split(':');
    if (least !== undefined)
      return most ? `a whole number from ${least} to ${most}` : `a whole number from ${least} on`;
    return form.endsWith(']') ? 'a list of texts' : (lookup(typeNames, form) ?? form);
  });
  return `must be ${[...new Set(names)].join(' or ')}`;
}

const hintOf = (forms: readonly Shape[]): string =>
  forms.includes('string') ? 'a text of digits stands in quotes' : 'write it as the Compose specification has it';
