// gRPC's framing of messages on a stream: a byte of flags, the length in four, the message.
import type { Writable } from 'node:stream';
import { limits } from '../../model/limits.ts';

export const grpcStatus = {
  ok: 0,
  cancelled: 1,
  unknown: 2,
  notFound: 5,
  alreadyExists: 6,
  denied: 7,
  tooLarge: 8,
  unimplemented: 12,
  unavailable: 14,
  unauthenticated: 16,
} as const;

/** A call that was refused, by us or by the far end; anything else thrown by a method of ours becomes `unknown`. */
export class GrpcError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Messages out of the chunks they come in. Throws where one is compressed or longer than limits.dockerFrameBytes. */
export class MessageReader {
  private parts: Uint8Array[] = [];
  private size = 0;

  *take(chunk: Uint8Array): Generator<Uint8Array> {
    this.parts.push(chunk);
    this.size += chunk.length;
    for (let length = this.next(); length !== null && this.size >= 5 + length; length = this.next()) {
      const all = this.whole();
      yield all.subarray(5, 5 + length);
      this.parts = [all.subarray(5 + length)];
      this.size -= 5 + length;
    }
  }

  private next(): number | null {
    if (this.size < 5) return null;
    if ((this.parts[0]?.length ?? 0) < 5) this.parts = [this.whole()];
    const head = Buffer.from(this.parts[0]!.buffer, this.parts[0]!.byteOffset, 5);
    const length = head.readUInt32BE(1);
    if (head[0] !== 0 || length > limits.dockerFrameBytes)
      throw new GrpcError(grpcStatus.tooLarge, 'message cannot be read');
    return length;
  }

  private whole(): Buffer {
    return Buffer.concat(this.parts);
  }
}

export function framed(messages: readonly Uint8Array[]): Buffer {
  const parts = messages.flatMap((message) => {
    const head = Buffer.alloc(5);
    head.writeUInt32BE(message.length, 1);
    return [head, message];
  });
  return Buffer.concat(parts);
}

/** Resolves once the far end can take more. Several messages at once cost one write. */
export const sendMessages = (stream: Writable, messages: readonly Uint8Array[]): Promise<void> =>
  new Promise((resolve, reject) => {
    const isFull = !stream.write(framed(messages), (error) => (error ? reject(error) : resolve()));
    // Waiting for each small message to be out would cost more than it.
    if (!isFull) resolve();
  });
