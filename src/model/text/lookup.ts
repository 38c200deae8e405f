// Tables keyed by what somebody else wrote know their own keys alone: `constructor` is a name like any other.

/** The entry of this key; undefined where there is none, or no table. */
export const lookup = <T>(table: Readonly<Record<string, T>> | null | undefined, key: string): T | undefined =>
  table && Object.hasOwn(table, key) ? table[key] : undefined;
