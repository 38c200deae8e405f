// Fuzzy matching for lists to choose from: all letters in order, better where they start words or follow each other.

/** Score of `text` for `query` (both any case), null when a letter is missing. Higher is better. */
export function score(query: string, text: string): number | null {
  const wanted = query.toLowerCase().replaceAll(' ', '');
  const lower = text.toLowerCase();
  let sum = 0;
  let at = -1;
  for (const letter of wanted) {
    const next = lower.indexOf(letter, at + 1);
    if (next < 0) return null;
    if (next === at + 1) sum += 4;
    if (next === 0 || !/[a-z0-9]/.test(lower[next - 1]!)) sum += 6;
    sum -= Math.min(next - at, 8) / 4;
    at = next;
  }
  if (lower.includes(query.toLowerCase())) sum += 12;
  return sum - text.length / 64;
}

/** Those that match, best first; the order given where they are equal. */
export function ranked<T>(query: string, items: readonly T[], textOf: (item: T) => string): readonly T[] {
  if (query === '') return items;
  return items
    .flatMap((item, order) => {
      const points = score(query, textOf(item));
      return points === null ? [] : [{ item, points, order }];
    })
    .sort((a, b) => b.points - a.points || a.order - b.order)
    .map((found) => found.item);
}
