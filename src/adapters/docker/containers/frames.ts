// Docker's multiplexed output: 8 bytes of header (stream, length), then the payload. dockerode's demuxStream heeds no
// back-pressure and copies its whole buffer for each frame.
import { limits } from '../../../model/limits.ts';
import { ProblemError } from '../../../model/problems/problem.ts';

export interface Frame {
  readonly stream: 'stdout' | 'stderr';
  readonly chunk: Buffer;
}

/** Whole frames, as they were written. Ends with its source, in mid-frame too: the connection says nothing of why. */
export async function* framesOf(source: AsyncIterable<Buffer>): AsyncGenerator<Frame> {
  let parts: Buffer[] = [];
  let size = 0;
  let needed = 8;
  for await (const chunk of source) {
    parts.push(chunk);
    size += chunk.length;
    if (size < needed) continue;
    let buffer = Buffer.concat(parts);
    while (buffer.length >= 8) {
      const length = buffer.readUInt32BE(4);
      if (buffer[0]! > 3 || length > limits.dockerFrameBytes)
        throw new ProblemError({
          kind: 'step',
          code: 'S207',
          what: 'Docker sent output that is not multiplexed',
          hint: 'is it a container with a terminal?',
        });
      needed = 8 + length;
      if (buffer.length < needed) break;
      // 3 carries errors of the daemon itself.
      yield { stream: buffer[0]! >= 2 ? 'stderr' : 'stdout', chunk: buffer.subarray(8, needed) };
      buffer = buffer.subarray(needed);
      needed = 8;
    }
    parts = [buffer];
    size = buffer.length;
  }
}
