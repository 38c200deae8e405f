// The rows of the table: resources in their order, those with a label below a group that folds.
import { listed } from '../../../engine/resources/resource-list.ts';
import type { PublicResource, PublicState } from '../../../model/public-state.ts';

export type Row =
  | {
      readonly is: 'group';
      readonly key: string;
      readonly name: string;
      readonly folded: boolean;
      readonly members: readonly PublicResource[];
    }
  | { readonly is: 'resource'; readonly key: string; readonly indent: number; readonly resource: PublicResource };

export const groupKey = (label: string): string => `group ${label}`;
export const resourceKey = (name: string): string => `resource ${name}`;

let known: { readonly state: PublicState; readonly all: readonly PublicResource[] } | null = null;

/** Every resource once, in start order. The same list for the same state: a frame asks some ten times. */
export function resourcesOf(state: PublicState | null): readonly PublicResource[] {
  if (!state) return [];
  if (known?.state !== state) known = { state, all: allOf(state) };
  return known.all;
}

function allOf(state: PublicState): readonly PublicResource[] {
  const ordered = listed(state);
  if (ordered.length === Object.keys(state.resources).length) return ordered;
  const seen = new Set(state.order);
  return [...ordered, ...Object.values(state.resources).filter((resource) => !seen.has(resource.name))];
}

function build(state: PublicState | null, folded: ReadonlySet<string>): readonly Row[] {
  const groups = new Map<string, PublicResource[]>();
  const rows: Row[] = [];
  for (const resource of resourcesOf(state)) {
    const label = resource.labels[0];
    const group = label === undefined ? undefined : groups.get(label);
    if (label === undefined) rows.push({ is: 'resource', key: resourceKey(resource.name), indent: 0, resource });
    else if (group) group.push(resource);
    else groups.set(label, [resource]);
  }
  for (const [name, members] of groups) {
    const key = groupKey(name);
    rows.push({ is: 'group', key, name, folded: folded.has(key), members });
    if (folded.has(key)) continue;
    for (const resource of members) rows.push({ is: 'resource', key: resourceKey(resource.name), indent: 2, resource });
  }
  return rows;
}

/** The rows of the last state asked for: a frame asks some ten times. */
let last: {
  readonly state: PublicState | null;
  readonly folded: ReadonlySet<string>;
  readonly rows: readonly Row[];
} | null = null;

/** A resource stands below its first label; below several it would be two rows with one name. */
export function rowsOf(state: PublicState | null, folded: ReadonlySet<string>): readonly Row[] {
  if (last?.state !== state || last.folded !== folded) last = { state, folded, rows: build(state, folded) };
  return last.rows;
}

/** Resources a row stands for. */
export const membersOf = (row: Row | undefined): readonly PublicResource[] =>
  row === undefined ? [] : row.is === 'group' ? row.members : [row.resource];
