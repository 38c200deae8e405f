// JSON as the API server reads and writes it: an integer of 64 bits arrives digit for digit, where JavaScript's own reading
// and writing keeps 53 bits. Whatever a double does not hold for sure is a bigint; all other numbers are plain ones.

/** An integer as Kubernetes holds it: int64 where it fits, else a double. */
export function integer(value: bigint): number | bigint {
  if (value >= -safest && value <= safest) return Number(value);
  return BigInt.asIntN(64, value) === value ? value : Number(value);
}

const safest = BigInt(Number.MAX_SAFE_INTEGER);

/** A double as Kubernetes holds it once it went through JSON: written without a point, it is read as an integer. */
export const double = (value: number): number | bigint =>
  Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value) < 1e21
    ? integer(BigInt(String(value)))
    : value + 0;

/** As `JSON.parse`, exact; about as fast where no number is long, which the digests in labels are not. */
export function parseJson(text: string): unknown {
  if (!longNumber.test(text)) return JSON.parse(text);
  // Values are marked by their first letter, so that no text from outside can pass for a number.
  const marked = text.replace(token, (found, digits: string | undefined) =>
    digits === undefined ? (found.endsWith('"') ? `"s${found.slice(1)}` : found) : `"n${digits}"`,
  );
  return JSON.parse(marked, (_, value: unknown) => {
    if (typeof value !== 'string') return value;
    return value.startsWith('s') ? value.slice(1) : integer(BigInt(value.slice(1)));
  });
}

/**
 * Digits where a number can stand: after a key, in a list, or alone. What looks so inside a text costs time and nothing else. Digits
 * come first, by which most of a text is skipped: looked for from its beginning this took a fifth of reading a list of the cluster.
 */
const longNumber = /[0-9]{16}(?<=(?:"\s*:|[,[]|^)\s*-?[0-9]{16})/;

/** Keys with their colon, texts, and integers that may be too long for a double. */
const token = /"[^"\\]*(?:\\.[^"\\]*)*"(?:\s*:)?|(?<![0-9.eE+-])(-?[0-9]{16,})(?![0-9.eE])/gs;

/** As `JSON.stringify`, exact. */
export function jsonText(value: unknown): string {
  if (typeof value === 'bigint') return String(value);
  if (!hasBigint(value)) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(jsonText).join(',')}]`;
  const members = Object.entries(value as object).filter(([, member]) => member !== undefined);
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${jsonText(member)}`).join(',')}}`;
}

const hasBigint = (value: unknown): boolean =>
  typeof value === 'bigint' ||
  (typeof value === 'object' && value !== null && Object.values(value).some((inside) => hasBigint(inside)));

/**
 * Does JSON text nest deeper than this? Reading it takes no stack, but whatever walks the value afterwards does: text from outside is
 * asked first.
 */
export function isDeeper(text: string, most: number): boolean {
  let depth = 0;
  for (const [bracket] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/gs)) {
    if (bracket === '[' || bracket === '{') depth++;
    else if (bracket === ']' || bracket === '}') depth--;
    if (depth > most) return true;
  }
  return false;
}
