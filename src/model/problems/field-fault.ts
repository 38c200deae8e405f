// What an API server says about single fields of an object it refuses, as paths that can be looked up in a manifest.

/** A key of a map, an index, or the keys by which a list's item is known. */
export type FieldStep = string | number | Readonly<Record<string, unknown>>;
export type FieldPath = readonly FieldStep[];

export interface FieldFault {
  /** As the server writes it, without the leading point. */
  readonly field: string;
  readonly path: FieldPath;
  readonly what: string;
}

interface Cause {
  readonly message: string;
  readonly field: string;
}

/** In the order told, at most 50. `causes`: those of the Status, where it has some. */
export function fieldFaults(message: string, causes: readonly Cause[]): readonly FieldFault[] {
  const named = causes.filter(({ field }) => /^[a-z]/i.test(field)).map(({ field, message }) => fault(field, message));
  const typed = [
    ...message.matchAll(/(?:^|\s)\.([^\s].*?): ((?:field not declared|expected |duplicate |unknown ).*)/g),
  ];
  const strict = [...message.matchAll(/unknown field "([^"]+)"/g)];
  const told = [
    ...named,
    ...typed.map(([, field = '', what = '']) => fault(field, what)),
    ...strict.map(([, field = '']) => fault(field, notThere)),
  ];
  return told.slice(0, 50);
}

const notThere = 'field not declared in schema';

export const isUnknownField = ({ what }: FieldFault): boolean => what.startsWith(notThere);

/** Go's name for a value of no kind of its own says nothing to anybody. */
export const withoutGo = (text: string): string => text.replace(/&value\.valueUnstructured\{Value:([^}]*)\}/g, '$1');

const fault = (field: string, what: string): FieldFault => ({ field, path: steps(field), what: withoutGo(what) });

/** Names between points, and what stands in brackets: an index, `key="value"` pairs, or a key that holds points. */
const part = /\[((?:[^\]"]|"(?:[^"\\]|\\.)*")*)\]|([^.[\]]+)/g;
const pair = /([A-Za-z]+)=("(?:[^"\\]|\\.)*"|[^,]+)/g;

function steps(field: string): FieldStep[] {
  return [...field.matchAll(part)].map(([, inside, name]): FieldStep => {
    if (inside === undefined) return name ?? '';
    if (/^\d+$/.test(inside)) return Number(inside);
    const pairs = [...inside.matchAll(pair)];
    if (pairs.length === 0) return inside.replace(/^"|"$/g, '');
    return Object.fromEntries(pairs.map(([, key = '', value = '']) => [key, plain(value)]));
  });
}

function plain(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** What to do about it, null where nothing general can be said. `near`: the valid name next to an unknown one. */
export function hintFor(fault: FieldFault, near: string | null): string | null {
  if (isUnknownField(fault)) return near === null ? null : `did you mean ${near}?`;
  const [, got] = /^expected string, got (.+)$/.exec(fault.what) ?? [];
  // Not with the value: it may be that of a Secret, or written in another way (`on`, 0644).
  if (got !== undefined) return /^(true|false|[-+.\d].*)$/.test(got) ? 'quote it: what stands in quotes is text' : null;
  return /^expected (numeric|boolean).*, got string/.test(fault.what) ? 'write it without quotes' : null;
}
