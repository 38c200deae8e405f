// Splits a byte stream at line ends. Bytes, not strings: a UTF-8 character may be cut between two chunks.

/** `onLine` gets each line without its end. Beyond `most` bytes a line is cut; `cut` tells so. */
export function lineSplitter(most: number, onLine: (line: Buffer, cut: boolean) => void) {
  let parts: Buffer[] = [];
  let size = 0;
  let cut = false;
  const keep = (part: Buffer) => {
    const room = most - size;
    if (part.length > room) cut = true;
    if (room <= 0 || part.length === 0) return;
    parts.push(part.length > room ? part.subarray(0, room) : part);
    size += Math.min(part.length, room);
  };
  const emit = () => {
    const line = parts.length === 1 ? parts[0]! : Buffer.concat(parts, size);
    const wasCut = cut;
    parts = [];
    size = 0;
    cut = false;
    onLine(line, wasCut);
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
    /** A last line without an end. */
    end(): void {
      if (size > 0) emit();
    },
  };
}
