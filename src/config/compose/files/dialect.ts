// Plain scalars as Go's YAML reads them: integers of four bases with underscores, floats, moments. A whole number from a million on is
// a bigint here, as Compose writes a float of that size with an exponent (`1e+06`) and an integer with all its digits; below, both look
// alike.
import type { CollectionTag, ScalarTag } from 'yaml';
import type { Dialect } from '../../yaml/document.ts';

const scalar = (tag: string, test: RegExp, resolve: (text: string) => unknown): ScalarTag => ({
  tag: `tag:yaml.org,2002:${tag}`,
  default: true,
  test,
  resolve,
});

const digits = /^([-+]?)(0[xX][0-9a-fA-F]+|0[oO]?[0-7]+|0[bB][01]+|0|[1-9][0-9]*)$/;
const mostUnsigned = 2n ** 64n - 1n;
const leastSigned = -(2n ** 63n);

function integer(text: string): unknown {
  const [, sign, magnitude = ''] = digits.exec(text.replaceAll('_', '')) ?? [];
  if (magnitude === '' || text === '-0') return float(text);
  const amount = BigInt(/^0[0-7]/.test(magnitude) ? `0o${magnitude.slice(1)}` : magnitude.toLowerCase());
  const value = sign === '-' ? -amount : amount;
  if (value < leastSigned || value > mostUnsigned) return Number(value);
  return value > -1_000_000n && value < 1_000_000n ? Number(value) : value;
}

const decimal = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;

/** What is no number of Go stays a text. */
function float(text: string): unknown {
  const plain = text.replaceAll('_', '');
  const value = decimal.test(plain) ? Number(plain) : Number.NaN;
  return Number.isFinite(value) ? value : text;
}

const clock = /^(\d{4})-(\d\d?)-(\d\d?)(?:([Tt ])(\d\d?):(\d\d?):(\d\d?)(?:\.(\d+))?(Z|[-+]\d\d:\d\d)?)?$/;

/** As Go writes a moment: a date is its midnight, and what has a blank before its hour has no zone. */
function moment(text: string): string {
  const [whole, year, month, day, blank, ...time] = clock.exec(text) ?? [];
  const [hour = '0', minute = '0', second = '0', fraction = '', zone = ''] = time;
  if (whole === undefined || (blank === ' ' && zone) || (/[Tt]/.test(blank ?? '') && !zone)) return text;
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  const isDate = date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
  if (!isDate || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return text;
  const two = (part: string | undefined) => String(part).padStart(2, '0');
  const exact = fraction.slice(0, 9).replace(/0+$/, '');
  const offset = zone === '' || /^(?:Z|[-+]00:00)$/.test(zone) ? '' : zone.replace(':', '');
  const at = `${year}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)}:${two(second)}${exact ? `.${exact}` : ''}`;
  return `${at} ${offset ? `${offset} ${offset}` : '+0000 UTC'}`;
}

const made = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?) (?:(\+0000 UTC)|([-+]\d\d)(\d\d) [-+]\d{4})$/;

/** That `moment` has made this. */
export const isMoment = (text: string): boolean => made.test(text);

/** What `moment` has made of one, as JSON has it; any other text as it is. */
export const momentInJson = (text: string): string =>
  text.replace(made, (_, date, time, utc, hours, minutes) => `${date}T${time}${utc ? 'Z' : `${hours}:${minutes}`}`);

/** What is said to be of a type, which it must be then. */
const asked = (tag: string, resolve: (text: string) => unknown, kind: string): ScalarTag => ({
  tag: `tag:yaml.org,2002:${tag}`,
  resolve: (text, fail) => resolve(text) ?? fail(`"${text.slice(0, 40)}" is no ${kind}`),
});

const numberIn = (text: string): number | bigint | null => {
  const value = integer(text);
  return typeof value === 'string' ? null : (value as number | bigint);
};

const floatOf = (text: string): number | null => {
  const value = numberIn(text);
  return value === null ? null : Number(value);
};

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function textOf(binary: string): string | null {
  const plain = binary.replace(/[\r\n]/g, '');
  return base64.test(plain) ? Buffer.from(plain, 'base64').toString() : null;
}

/** To Go these are the maps and lists that they are written as. */
const bare = (tag: string, collection: 'map' | 'seq'): CollectionTag => ({
  tag: `tag:yaml.org,2002:${tag}`,
  collection,
  resolve: (value) => value,
});

export const dialect: Dialect = {
  tags: ['!reset', '!override'],
  takesAnyTag: true,
  types: [
    asked('float', floatOf, 'number'),
    asked('binary', textOf, 'base64, which !!binary stands before'),
    bare('set', 'map'),
    bare('omap', 'seq'),
    bare('pairs', 'seq'),
    scalar('int', /^[-+]?(?:0[xX][0-9a-fA-F_]+|0[oObB][0-7_]+|[0-9][0-9_]*)$/, integer),
    scalar('float', /^[-+]?(?:\.[0-9_]+|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9_]+)?$/, float),
    scalar('timestamp', /^\d{4}-\d\d?-\d\d?(?:[Tt ].*)?$/, moment),
  ],
  isOfDocuments: true,
  hasTextKeys: true,
};

/** A scalar as Compose writes it where a text belongs. */
export function written(value: unknown): string {
  if (typeof value !== 'number') return String(value);
  if (Object.is(value, -0)) return '-0';
  const [figures, exponent = '0'] = value.toExponential().split('e');
  const power = Number(exponent);
  if (value === 0 || (power >= -4 && power < 6)) return String(value);
  return `${figures}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}
