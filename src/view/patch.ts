// RFC 6902 between two states that share what did not change: the cost is that of the change.
import { namesChanged } from '../engine/resources/resource-list.ts';

export type Operation =
  | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };

type Json = Readonly<Record<string, unknown>>;

/** Operations that make `after` of `before`; a key whose value is undefined counts as absent, as in JSON. */
export function patchOf(before: unknown, after: unknown): readonly Operation[] {
  const operations: Operation[] = [];
  compare(before, after, '', operations);
  return operations;
}

const isContainer = (value: unknown): value is object => typeof value === 'object' && value !== null;
const escaped = (key: string): string => key.replace(/~/g, '~0').replace(/\//g, '~1');

function compare(before: unknown, after: unknown, path: string, into: Operation[]): void {
  if (Object.is(before, after)) return;
  if (Array.isArray(before) && Array.isArray(after)) compareArrays(before, after, path, into);
  else if (isContainer(before) && isContainer(after) && !Array.isArray(before) && !Array.isArray(after))
    compareObjects(before as Json, after as Json, path, into);
  else into.push({ op: 'replace', path, value: after });
}

function compareObjects(before: Json, after: Json, path: string, into: Operation[]): void {
  const changed = namesChanged(before, after);
  if (changed) {
    for (const name of changed) compare(before[name], after[name], `${path}/${escaped(name)}`, into);
    return;
  }
  for (const key of Object.keys(before)) {
    if (before[key] === after[key] || before[key] === undefined) continue;
    const at = `${path}/${escaped(key)}`;
    if (!Object.hasOwn(after, key) || after[key] === undefined) into.push({ op: 'remove', path: at });
    else compare(before[key], after[key], at, into);
  }
  for (const [key, value] of Object.entries(after))
    if (value !== undefined && (!Object.hasOwn(before, key) || before[key] === undefined))
      into.push({ op: 'add', path: `${path}/${escaped(key)}`, value });
}

/** Elementwise while the length stays, additions at the end; else as a whole: our arrays are short, and shift. */
function compareArrays(before: readonly unknown[], after: readonly unknown[], path: string, into: Operation[]): void {
  const inside: Operation[] = [];
  const shared = Math.min(before.length, after.length);
  for (let i = 0; i < shared; i++) compare(before[i], after[i], `${path}/${i}`, inside);
  if (before.length === after.length) into.push(...inside);
  else if (after.length > before.length && inside.length === 0) {
    for (let i = shared; i < after.length; i++) into.push({ op: 'add', path: `${path}/${i}`, value: after[i] });
  } else into.push({ op: 'replace', path, value: after });
}
