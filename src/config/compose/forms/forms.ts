// From each way of writing a value to the one that Compose prints. What is wrong with a value is told; it stays as it is then.
import { isMoment, momentInJson, written } from '../files/dialect.ts';
import { wordsOf } from './command-line.ts';
import { bytesText, durationText, flag, nanoseconds, pathFrom } from './quantities.ts';

export interface Writing {
  /** What relative paths are relative to. */
  readonly dir: string;
  /** The keys that lead to the value. */
  readonly trail: (string | number)[];
  fail(what: string, hint: string): void;
}

export const nowhere: Writing = { dir: '', trail: [], fail: () => {} };

/** Null and undefined never get here, except where a form says so. */
export type Form = (value: unknown, writing: Writing) => unknown;

export type Values = Record<string, unknown>;
export const isMap = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A date without quotes is a moment, and no text. */
export const text: Form = (value, writing) => {
  const is = written(value);
  if (typeof value === 'string' && isMoment(value))
    writing.fail(`${is.slice(0, 10)} is read as a date here`, 'write it in quotes');
  return is;
};
/** Numbers of any size are numbers again, and moments as JSON has them. */
export const asIs: Form = (value) => {
  if (typeof value === 'string') return momentInJson(value);
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map((each) => asIs(each, nowhere));
  return isMap(value) ? mapped(value, (each) => asIs(each, nowhere)) : value;
};
export const path: Form = (value, writing) => (value === '' ? '' : pathFrom(writing.dir, String(text(value, writing))));

export const bool: Form = (value, writing) => {
  if (typeof value !== 'string') return value;
  const is = flag(value);
  if (is === null) writing.fail(`"${value.slice(0, 40)}" is neither true nor false`, 'write true or false');
  return is ?? value;
};

export const bytes: Form = (value, writing) => {
  const is = bytesText(value as string | number | bigint);
  if (is === null) writing.fail(`"${String(value).slice(0, 40)}" is no size`, 'such as 64m or 1gb');
  return is ?? value;
};

export const duration: Form = (value, writing) => {
  const is = nanoseconds(String(value));
  if (is === null) writing.fail(`"${String(value).slice(0, 40)}" is no duration`, 'such as 1m30s or 500ms');
  return is === null ? value : durationText(is);
};

/** What is written as one line is taken apart. */
export const command: Form = (value, writing) => {
  if (typeof value !== 'string') return Array.isArray(value) ? texts(value, writing) : value;
  const words = wordsOf(text(value, writing) as string);
  if (words === null)
    writing.fail(
      'a quote or bracket in this command does not close',
      'write another one at its end, or a list of words',
    );
  return words ?? value;
};

export const texts: Form = (value, writing) =>
  Array.isArray(value) ? value.map((each, i) => within(writing, i, () => text(each, writing))) : [text(value, writing)];

/** Octal digits. */
export const mode: Form = (value, writing) => {
  if (typeof value === 'string' && /^0-[0-7]+$/.test(value)) return value;
  const is = typeof value === 'string' ? Number.parseInt(value, 8) : Number(value);
  if (typeof value === 'string' ? !/^[-+]?[0-7]{1,21}$/.test(value) : !Number.isInteger(is) || is >= 2 ** 63)
    writing.fail(`"${String(value).slice(0, 40)}" is no mode`, 'write octal digits, such as "0440"');
  // As Go prints a number of octal digits behind a 0: below nothing, the sign stands between.
  return `0${is.toString(8)}`;
};

export const list =
  (each: Form): Form =>
  (value, writing) =>
    (Array.isArray(value) ? value : [value]).flatMap((one, i) => {
      const is = within(writing, i, () => each(one, writing));
      return Array.isArray(is) && !Array.isArray(one) ? is : [is];
    });

/** Named things, each in its form; null stays. */
export const named =
  (each: Form): Form =>
  (value, writing) =>
    mapped(value as Values, (one, key) => (one === null ? null : within(writing, key, () => each(one, writing))));

export function within<T>(writing: Writing, key: string | number, work: () => T): T {
  writing.trail.push(key);
  const is = work();
  writing.trail.pop();
  return is;
}

export const mapped = (values: Values, form: (value: unknown, key: string) => unknown): Values => {
  const made: Values = {};
  for (const [key, value] of Object.entries(values)) put(made, key, form(value, key));
  return made;
};

/** `__proto__` is a name like any other. */
export const put = (into: Values, key: string, value: unknown): void => {
  if (key === '__proto__')
    Object.defineProperty(into, key, { value, enumerable: true, configurable: true, writable: true });
  else into[key] = value;
};

/** A table's keys in its order; what it does not know (`x-…`) and what is null are left out. */
export const table =
  (fields: Readonly<Record<string, Form>>): Form =>
  (value, writing) => {
    const made: Values = {};
    if (!isMap(value)) return value;
    for (const [key, form] of Object.entries(fields)) {
      const given = Object.hasOwn(value, key) ? value[key] : undefined;
      if (given !== undefined && given !== null) made[key] = within(writing, key, () => form(given, writing));
    }
    return made;
  };

/** `[A=b, C]` and `{A: b, C: }` alike. `none`: what an item without `=` is. */
export const pairs =
  (none: string | null): Form =>
  (value, writing) =>
    Array.isArray(value)
      ? Object.fromEntries(
          (texts(value, writing) as string[]).map((each) => {
            const at = String(each).indexOf('=');
            return at < 0 ? [String(each), none] : [String(each).slice(0, at), String(each).slice(at + 1)];
          }),
        )
      : mapped(value as Values, (each) => (each === null ? none : written(each)));

/** `[host=address, host:address]` and `{host: address}`, as a list: two files say the same only where they write it alike. */
export const hosts: Form = (value, writing) => {
  const all = Array.isArray(value)
    ? (texts(value, writing) as string[])
    : Object.entries(value as Values).flatMap(([host, to]) =>
        (Array.isArray(to) ? to : [to]).map((one) => `${host}=${String(text(one, writing))}`),
      );
  for (const text of all) {
    const [host, address] = hostOf(text);
    if (address === undefined) writing.fail(`"${host.slice(0, 80)}" has no address`, 'write HOST=ADDRESS');
    else if (host === '' || host.includes(':'))
      writing.fail(`"${host.slice(0, 80)}" is no name of a host`, 'write HOST=ADDRESS');
  }
  return all;
};

/** As Compose prints them: with `=`, sorted. */
export const hostsInOrder = (texts: readonly unknown[]): readonly string[] =>
  texts
    .map((text) => {
      const [host, address = ''] = hostOf(String(text));
      return `${host}=${address.replace(/^\[(.*)\]$/, '$1')}`;
    })
    .sort();

function hostOf(text: string): readonly [host: string, address?: string] {
  const at = text.includes('=') ? text.indexOf('=') : text.indexOf(':');
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

/** What is written shortly as the field of that name. */
export const orText =
  (key: string, form: Form): Form =>
  (value, writing) =>
    form(typeof value === 'string' ? { [key]: value } : value, writing);

export const namesOr =
  (form: Form): Form =>
  (value, writing) =>
    Array.isArray(value) ? Object.fromEntries(value.map((name) => [String(name), null])) : named(form)(value, writing);
