// What may be written in many ways is handed on in one, as Docker's own clients do: `net_admin` is `CAP_NET_ADMIN`.

/** Each once, in order; `ALL` says all that others could. Undefined where there are none. */
export function capabilities(given: readonly string[] = []): readonly string[] | undefined {
  const names = new Set(given.map(nameOf));
  if (names.has('ALL')) return ['ALL'];
  return names.size > 0 ? [...names].sort() : undefined;
}

function nameOf(given: string): string {
  const name = given.trim().toUpperCase();
  return name === 'ALL' || name.startsWith('CAP_') ? name : `CAP_${name}`;
}
