// The little of protobuf that BuildKit's messages need: varints and length-delimited fields. (protobufjs and its loader
// cost 35 ms at start and read .proto files beside the code, which a bundle does not have.)

export interface Field {
  readonly no: number;
  /** Varints as signed 64-bit numbers, the rest as bytes; fixed-width fields come as their bytes. */
  readonly value: number | Uint8Array;
}

/** The fields of a message in their order. Throws a RangeError on cut or malformed bytes. */
export function* fields(bytes: Uint8Array): Generator<Field> {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) break;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, value);
    }
    throw new RangeError('malformed varint');
  };
  const take = (length: number): Uint8Array => {
    if (!(length >= 0 && at + length <= bytes.length)) throw new RangeError('message is cut');
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const no = Math.floor(tag / 8);
    const wire = tag % 8;
    if (wire === 0) yield { no, value: Number(varint()) };
    else if (wire === 2) yield { no, value: take(Number(varint())) };
    else if (wire === 1) yield { no, value: take(8) };
    else if (wire === 5) yield { no, value: take(4) };
    else throw new RangeError(`unknown wire type ${wire}`);
  }
}

export const textOf = (value: number | Uint8Array): string =>
  typeof value === 'number' ? '' : Buffer.from(value).toString('utf8');
export const bytesOf = (value: number | Uint8Array): Uint8Array =>
  typeof value === 'number' ? new Uint8Array() : value;
export const numberOf = (value: number | Uint8Array): number => (typeof value === 'number' ? value : 0);

/** Text of field `no`, empty when it is missing (proto3's default). */
export function textField(bytes: Uint8Array, no: number): string {
  let text = '';
  for (const field of fields(bytes)) if (field.no === no) text = textOf(field.value);
  return text;
}

/** One field of a message: numbers as varints, text and bytes with their length. */
export function encodeField(no: number, value: number | bigint | string | Uint8Array): Buffer {
  if (typeof value === 'number' || typeof value === 'bigint')
    return Buffer.concat([varintBytes(no * 8), varintBytes(value)]);
  const bytes = Buffer.from(value as Uint8Array);
  return Buffer.concat([varintBytes(no * 8 + 2), varintBytes(bytes.length), bytes]);
}

/** Numbers are exact up to 2^53. */
function varintBytes(value: number | bigint): Buffer {
  if (typeof value === 'bigint' && value > Number.MAX_SAFE_INTEGER)
    return Buffer.concat([Buffer.from([Number(value & 0x7fn) | 0x80]), varintBytes(value >> 7n)]);
  const bytes: number[] = [];
  let rest = Number(value);
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  bytes.push(rest);
  return Buffer.from(bytes);
}
