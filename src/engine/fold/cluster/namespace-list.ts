// What a list of one namespace says by what is not in it.

/** Without those of the namespace that were not listed, by uid; the same table where all were. */
export function withoutUnlisted<T extends { readonly namespace: string }>(
  known: Readonly<Record<string, T>>,
  { namespace, uids }: { readonly namespace: string; readonly uids: readonly string[] },
): Readonly<Record<string, T>> {
  const there = new Set(uids);
  const kept = Object.entries(known).filter(([uid, one]) => one.namespace !== namespace || there.has(uid));
  return kept.length === Object.keys(known).length ? known : Object.fromEntries(kept);
}
