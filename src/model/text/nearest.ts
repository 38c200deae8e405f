// "Did you mean …?": the valid name closest to one that is not.

/** Null when none is close enough to be what was meant. */
export function nearest(name: string, valid: Iterable<string>): string | null {
  let best: string | null = null;
  let least = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const each of valid) {
    const away = distance(name.toLowerCase(), each.toLowerCase(), least);
    if (away >= least) continue;
    least = away;
    best = each;
  }
  return best ?? begun(name, valid);
}

/** The only one that begins with what was written. */
function begun(name: string, valid: Iterable<string>): string | null {
  const [first, ...others] =
    name.length < 3 ? [] : [...valid].filter((each) => each.toLowerCase().startsWith(name.toLowerCase()));
  return first !== undefined && others.length === 0 ? first : null;
}

/** Insertions, deletions, replacements and swaps of neighbours; `most` where it is at least that. */
function distance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) >= most) return most;
  let [before, row] = [[] as number[], Array.from({ length: b.length + 1 }, (_, i) => i)];
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        next[j] = Math.min(next[j]!, before[j - 2]! + 1);
    }
    [before, row] = [row, next];
  }
  return row[b.length]!;
}

/** A hint naming the nearest valid name, else the first few there are. */
export function hintFor(name: string, valid: Iterable<string>, kind = 'known'): string {
  const all = [...valid];
  const near = nearest(name, all);
  if (near !== null) return `did you mean ${near}?`;
  if (all.length === 0) return `there are none`;
  return `${kind}: ${all.slice(0, 12).join(', ')}${all.length > 12 ? ', …' : ''}`;
}
