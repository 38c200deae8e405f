// stderr of the far side, cut into requests: answers and errors travel on two channels without any order between
// them, so the far side ends what it had to say with a mark.
import type { Readable } from 'node:stream';

export interface Marked {
  /** Where bytes go from now on. */
  to(output: (chunk: Uint8Array) => void): void;
  /** Resolves at the next mark, or when the stream is over. */
  mark(): Promise<void>;
}

/** The mark never reaches the output, also when it arrives in pieces. */
export function marked(stderr: Readable, text: string): Marked {
  const mark = Buffer.from(`${text}\n`);
  let output: (chunk: Uint8Array) => void = () => {};
  let held: Buffer = Buffer.alloc(0);
  let seen = () => {};
  let isOver = false;

  stderr.on('data', (chunk: Buffer) => {
    held = Buffer.concat([held, chunk]);
    for (let at = held.indexOf(mark); at >= 0; at = held.indexOf(mark)) {
      if (at > 0) output(held.subarray(0, at));
      held = held.subarray(at + mark.length);
      seen();
    }
    const keep = partial(held, mark);
    if (held.length > keep) output(held.subarray(0, held.length - keep));
    held = held.subarray(held.length - keep);
  });
  const end = () => {
    isOver = true;
    seen();
  };
  stderr.on('end', end);
  stderr.on('error', end);
  stderr.on('close', end);

  return {
    to: (next) => {
      output = next;
    },
    mark: () =>
      new Promise((resolve) => {
        seen = resolve;
        if (isOver) resolve();
      }),
  };
}

/** Length of the longest end of `bytes` that begins `mark`. */
function partial(bytes: Buffer, mark: Buffer): number {
  for (let length = Math.min(bytes.length, mark.length - 1); length > 0; length--)
    if (bytes.subarray(bytes.length - length).equals(mark.subarray(0, length))) return length;
  return 0;
}
