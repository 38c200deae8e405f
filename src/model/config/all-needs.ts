// What something needs, and what that needs in turn.

/** All that a resource needs, in turn. */
export function allNeeds(name: string, needs: (resource: string) => readonly string[]): ReadonlySet<string> {
  const found = new Set<string>();
  const open = [...needs(name)];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    open.push(...needs(next));
  }
  return found;
}
