// What sluice asks of BuildKit's own API (moby.buildkit.v1.Control), on one connection.
import type { Duplex } from 'node:stream';
import type { CacheEntry } from '../../model/builds/build-options.ts';
import { limits } from '../../model/limits.ts';
import { grpcClient, type Metadata } from './grpc-client.ts';
import { bytesOf, encodeField, fields, textField } from './protobuf.ts';

/** By name; a repeated name cannot be. */
export type Attributes = Readonly<Record<string, string>>;

export interface Solve {
  /** Ours for this build: its status is asked for by it. */
  readonly ref: string;
  readonly session: string;
  readonly frontend: Attributes;
  /** Null: the result stays inside. */
  readonly exporter: { readonly type: string; readonly attributes: Attributes } | null;
  readonly cacheTo: readonly CacheEntry[];
  readonly cacheFrom: readonly CacheEntry[];
  readonly entitlements: readonly string[];
}

export interface BuilderWorker {
  /** `linux/amd64`, `linux/arm64/v8`. */
  readonly platforms: readonly string[];
  readonly version: string;
}

export interface Control {
  workers(stop: AbortSignal): Promise<readonly BuilderWorker[]>;
  /** What the exporter says: `containerimage.digest` and the like. */
  solve(solve: Solve, stop: AbortSignal): Promise<Attributes>;
  /** Each StatusResponse of this build; resolves when nothing of the build runs any more. */
  status(ref: string, hear: (bytes: Uint8Array) => void, stop: AbortSignal): Promise<void>;
  /** The connection that a build calls back over. */
  session(metadata: Metadata): Duplex;
  /** A manifest or a configuration of what was built here, by its digest. */
  content(digest: string, stop: AbortSignal): Promise<Buffer>;
  close(): void;
}

const path = (method: string): string => `/moby.buildkit.v1.Control/${method}`;

export function controlOver(connection: Duplex): Control {
  const client = grpcClient(connection);
  return {
    workers: async (stop) => repeated(await client.unary(path('ListWorkers'), new Uint8Array(), stop), 1).map(workerOf),
    solve: async (solve, stop) => mapOf(await client.unary(path('Solve'), encoded(solve), stop), 1),
    status: (ref, hear, stop) => client.listen(path('Status'), encodeField(1, ref), hear, stop),
    session: (metadata) => client.tunnel(path('Session'), lowered(metadata)),
    content: async (digest, stop) => {
      const parts: Uint8Array[] = [];
      let size = 0;
      const hear = (message: Uint8Array): void => {
        for (const { no, value } of fields(message)) if (no === 2) parts.push(bytesOf(value));
        size += parts.at(-1)?.length ?? 0;
        if (size > limits.dockerFrameBytes) throw new RangeError(`${digest} is too large for a configuration`);
      };
      await client.listen('/containerd.services.content.v1.Content/Read', encodeField(1, digest), hear, stop);
      return Buffer.concat(parts);
    },
    close: client.close,
  };
}

/** HTTP/2 knows no capitals in names. */
const lowered = (metadata: Metadata): Metadata =>
  Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name.toLowerCase(), value]));

/**
 * The exporter in the fields that every BuildKit since 2018 reads. Field 11: it is not for the history of builds, which keeps fifty and
 * writes each down before it answers. Saves would drive out in an hour what people have built.
 */
function encoded(solve: Solve): Buffer {
  const { ref, session, frontend, exporter, cacheTo, cacheFrom, entitlements } = solve;
  const cache = [...cacheTo.map((each) => cacheField(4, each)), ...cacheFrom.map((each) => cacheField(5, each))];
  return Buffer.concat([
    encodeField(1, ref),
    ...(exporter ? [encodeField(3, exporter.type), mapField(4, exporter.attributes)] : []),
    encodeField(5, session),
    encodeField(6, 'dockerfile.v0'),
    mapField(7, frontend),
    encodeField(8, Buffer.concat(cache)),
    ...entitlements.map((each) => encodeField(9, each)),
    encodeField(11, 1),
  ]);
}

const cacheField = (no: number, { type, attributes }: CacheEntry): Buffer =>
  encodeField(no, Buffer.concat([encodeField(1, type), mapField(2, attributes)]));

const mapField = (no: number, map: Attributes): Buffer =>
  Buffer.concat(
    Object.entries(map).map(([key, value]) =>
      encodeField(no, Buffer.concat([encodeField(1, key), encodeField(2, value)])),
    ),
  );

const repeated = (bytes: Uint8Array, no: number): readonly Uint8Array[] =>
  [...fields(bytes)].filter((field) => field.no === no).map(({ value }) => bytesOf(value));

function mapOf(bytes: Uint8Array, no: number): Attributes {
  const entries = repeated(bytes, no).map((entry): [string, string] => [textField(entry, 1), textField(entry, 2)]);
  return Object.fromEntries(entries);
}

const workerOf = (bytes: Uint8Array): BuilderWorker => ({
  platforms: repeated(bytes, 3).map((platform) =>
    [textField(platform, 2), textField(platform, 1), textField(platform, 3)].filter((part) => part !== '').join('/'),
  ),
  version: textField(repeated(bytes, 5)[0] ?? new Uint8Array(), 2),
});
