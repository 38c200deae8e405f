// Numbers as Go takes them from a text, and keeps them in its kinds.

const digits = '\\d(?:_?\\d)*';
const decimal = new RegExp(`^[-+]?(?:${digits}(?:\\.(?:${digits})?)?|\\.${digits})(?:e[-+]?${digits})?$`, 'i');
const figures = '[\\da-f](?:_?[\\da-f])*';
const hex = new RegExp(`^([-+]?)0x(?:_?(${figures}))?(?:\\.(${figures})?)?p([-+]?${digits})$`, 'i');

/** As `strconv.ParseFloat` reads it: also `0x1.8p-2`, a power of two behind hexadecimal digits, and a _ between two digits. Null for none. */
export function floatIn(text: string): number | null {
  const value = decimal.test(text) ? Number(text.replaceAll('_', '')) : hexFloat(text);
  return value !== null && Number.isFinite(value) ? value : null;
}

function hexFloat(text: string): number | null {
  const [whole, sign, before = '', after = '', power = ''] = hex.exec(text.slice(0, 100)) ?? [];
  const plain = (part: string): string => part.replaceAll('_', '');
  if (whole === undefined || before + after === '') return null;
  const amount = Number(BigInt(`0x${plain(before + after)}`)) * 2 ** (Number(plain(power)) - 4 * plain(after).length);
  return sign === '-' ? -amount : amount;
}

const most = 2n ** 63n - 1n;

/** Whether an `int64` holds it. */
export const isLong = (value: bigint): boolean => value >= -most - 1n && value <= most;

/** Of a number that is too large for the kind, Go keeps the last bits. */
export const lastBits = (value: number | bigint, bits: 16 | 32): number => Number(BigInt.asUintN(bits, BigInt(value)));
