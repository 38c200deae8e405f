// Who owns which fields of an object, and how those of others become ours: as `kubectl apply --server-side` takes over what
// `kubectl apply` wrote (client-go's csaupgrade).
import type { FieldManager } from '../../../model/ports.ts';

type Json = Readonly<Record<string, unknown>>;

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Our name as a field manager. */
export const fieldManager = 'sluice';

/** With each manager the entry it was read from. */
export interface Managed {
  readonly manager: FieldManager;
  readonly entry: Json;
}

export function managersOf(managedFields: unknown): readonly Managed[] {
  const entries = Array.isArray(managedFields) ? managedFields.filter(isJson) : [];
  return entries.map((entry) => ({
    manager: {
      name: text(entry.manager),
      operation: text(entry.operation),
      subresource: text(entry.subresource),
      at: Date.parse(text(entry.time)) || 0,
    },
    entry,
  }));
}

/** The entries with the chosen ones, and what we own already, made into one of ours. */
export function takenOver(all: readonly Managed[], chosen: readonly FieldManager[]): readonly Json[] {
  const isMine = ({ manager }: Managed): boolean =>
    manager.name === fieldManager && manager.operation === 'Apply' && manager.subresource === '';
  const taken = all.filter((each) => isMine(each) || chosen.includes(each.manager));
  const [first] = taken;
  if (!first) return all.map(({ entry }) => entry);
  const fieldsV1 = taken.map(({ entry }) => entry.fieldsV1).reduce<Json>((a, b) => (isJson(b) ? united(a, b) : a), {});
  const ours = { ...first.entry, manager: fieldManager, operation: 'Apply', fieldsType: 'FieldsV1', fieldsV1 };
  return [ours, ...all.filter((each) => !taken.includes(each)).map(({ entry }) => entry)];
}

/** A set of fields is a tree of their names; a member that both have is united in turn. */
function united(a: Json, b: Json): Json {
  const result = new Map(Object.entries(a));
  for (const [key, inside] of Object.entries(b)) {
    const own = result.get(key);
    result.set(key, isJson(own) && isJson(inside) ? united(own, inside) : inside);
  }
  return Object.fromEntries(result);
}
