// Splits a byte stream at line ends. Bytes, not strings: a UTF-8 character may be cut between two chunks.

/** `onLine` gets each line without its end. Beyond `most` bytes a line is cut, between characters; `cut` counts those left out. */
export function lineSplitter(most: number, onLine: (line: Buffer, cut: number) => void) {
  let parts: Buffer[] = [];
  let size = 0;
  let cut = 0;
  let isSplit = false;
  let isReturn = false;
  const keep = (part: Buffer) => {
    if (part.length === 0) return;
    const room = Math.max(0, most - size);
    if (room > 0) parts.push(part.length > room ? part.subarray(0, room) : part);
    size += Math.min(part.length, room);
    if (part.length <= room) return;
    const rest = part.subarray(room);
    if (cut === 0 && !isSplit) isSplit = isContinuation(rest[0]!);
    cut += charactersIn(rest);
    isReturn = rest[rest.length - 1] === 13;
  };
  const emit = () => {
    const all = parts.length === 1 ? parts[0]! : Buffer.concat(parts, size);
    const line = isSplit ? all.subarray(0, beforeLast(all)) : all;
    // The carriage return of a line end is no character of the line.
    const missing = cut + (isSplit ? 1 : 0) - (isReturn ? 1 : 0);
    parts = [];
    size = 0;
    cut = 0;
    isSplit = false;
    isReturn = false;
    onLine(line, missing);
  };
  return {
    push(chunk: Buffer): void {
      let from = 0;
      for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, from)) {
        keep(chunk.subarray(from, end));
        from = end + 1;
        emit();
      }
      keep(chunk.subarray(from));
    },
    /** How many characters of the line that is still open were left out so far: one that never ends is told by it. */
    get cut(): number {
      return cut;
    },
    /** A last line without an end. */
    end(): void {
      if (size > 0) emit();
    },
  };
}

const isContinuation = (byte: number): boolean => (byte & 0xc0) === 0x80;

/** Each byte that is no continuation begins a character. */
function charactersIn(bytes: Buffer): number {
  let count = 0;
  for (const byte of bytes) if (!isContinuation(byte)) count++;
  return count;
}

/** Where the last character begins; a character has at most four bytes. */
function beforeLast(line: Buffer): number {
  let at = line.length - 1;
  while (at > line.length - 4 && at > 0 && isContinuation(line[at]!)) at--;
  return Math.max(0, at);
}
