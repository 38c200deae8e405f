// Blobs in directories of this machine that a builder reads and writes over the session (containerd.services.content.v1.Content).
import { createHash, randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { GrpcError, grpcStatus } from '../messages.ts';
import { bytesOf, encodeField, fields, numberOf, textField } from '../protobuf.ts';
import { type GrpcCall, type GrpcMethods, unary } from './grpc.ts';

const path = (method: string): string => `/containerd.services.content.v1.Content/${method}`;
const actions = { stat: 0, write: 1, commit: 2 } as const;
/** Bytes of one answer: far below what a peer takes in one message. */
const chunkBytes = 256 * 1024;

/** `directories`: absolute, and the only ones that are touched. */
export function contentMethods(directories: readonly string[]): GrpcMethods {
  const of = ({ metadata }: Pick<GrpcCall, 'metadata'>): string => {
    const asked = String(metadata['buildkit-attachable-store-id'] ?? '').replace(/^local:/, '');
    if (!directories.includes(asked)) throw new GrpcError(grpcStatus.notFound, 'there is no such store');
    return asked;
  };
  return {
    [path('Info')]: (call) => unary((request) => info(of(call), textField(request, 1)))(call),
    [path('Read')]: async (call) => {
      for await (const request of call.messages) return read(of(call), request, call);
    },
    [path('Write')]: (call) => write(of(call), call),
    [path('Abort')]: unary(() => new Uint8Array()),
  };
}

/** The digest becomes a name of a file. */
function blob(dir: string, digest: string): string {
  const [, hex] = /^sha256:([0-9a-f]{64})$/.exec(digest) ?? [];
  if (!hex) throw new GrpcError(grpcStatus.notFound, 'this is no digest');
  return join(dir, 'blobs', 'sha256', hex);
}

async function sizeOf(dir: string, digest: string): Promise<number> {
  const found = await stat(blob(dir, digest)).catch(() => null);
  if (!found) throw new GrpcError(grpcStatus.notFound, `${digest} is not there`);
  return found.size;
}

const info = async (dir: string, digest: string): Promise<Uint8Array> =>
  encodeField(1, Buffer.concat([encodeField(1, digest), encodeField(2, await sizeOf(dir, digest))]));

/** From `offset` on, `size` bytes of it or, where that is 0, all. */
async function read(dir: string, request: Uint8Array, call: GrpcCall): Promise<void> {
  const { 2: offset, 3: asked } = numbers(request);
  const digest = textField(request, 1);
  const end = asked > 0 ? Math.min(offset + asked, await sizeOf(dir, digest)) : await sizeOf(dir, digest);
  const file = await open(blob(dir, digest));
  try {
    for (let at = offset; at < end && !call.gone.aborted; ) {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(Math.min(chunkBytes, end - at)), 0, null, at);
      if (bytesRead === 0) break;
      await call.send(Buffer.concat([encodeField(1, at), encodeField(2, buffer.subarray(0, bytesRead))]));
      at += bytesRead;
    }
  } finally {
    await file.close();
  }
}

/** One blob, in a file of its own until it is whole and is what it was said to be. */
async function write(dir: string, call: GrpcCall): Promise<void> {
  const temporary = join(dir, 'ingest', randomUUID());
  const hash = createHash('sha256');
  let file: FileHandle | null = null;
  let offset = 0;
  try {
    for await (const request of call.messages) {
      const { 1: action } = numbers(request);
      const expected = textField(request, 4);
      if (expected && (await stat(blob(dir, expected)).catch(() => null)))
        throw new GrpcError(grpcStatus.alreadyExists, `${expected} is there already`);
      for (const { no, value } of fields(request)) {
        const data = no === 6 ? bytesOf(value) : null;
        if (!data || data.length === 0) continue;
        file ??= await opened(temporary);
        await file.writeFile(data);
        hash.update(data);
        offset += data.length;
      }
      const digest = action === actions.commit ? `sha256:${hash.digest('hex')}` : '';
      if (action === actions.commit) {
        if (expected && digest !== expected) throw new GrpcError(grpcStatus.unknown, `${expected} came as ${digest}`);
        file ??= await opened(temporary);
        await mkdir(join(dir, 'blobs', 'sha256'), { recursive: true });
        await rename(temporary, blob(dir, digest));
      }
      await call.send(
        Buffer.concat([
          encodeField(1, action),
          encodeField(4, offset),
          ...(digest ? [encodeField(5, offset), encodeField(6, digest)] : []),
        ]),
      );
    }
  } finally {
    await file?.close();
    await rm(temporary, { force: true });
  }
}

async function opened(temporary: string): Promise<FileHandle> {
  await mkdir(join(temporary, '..'), { recursive: true });
  return open(temporary, 'w');
}

/** Fields of a message that are numbers; 0 where they are missing. */
function numbers(message: Uint8Array): Readonly<Record<1 | 2 | 3, number>> {
  const found = { 1: 0, 2: 0, 3: 0 };
  for (const { no, value } of fields(message)) if (no === 1 || no === 2 || no === 3) found[no] = numberOf(value);
  return found;
}
