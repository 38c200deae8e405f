// BuildKit's moby.buildkit.v1.StatusResponse, decoded from the `aux` of a trace record. (dockerode's decoder hands out
// log lines in base64.)
import { bytesOf, fields, numberOf, textOf } from './protobuf.ts';

export interface Vertex {
  readonly digest: string;
  readonly name: string;
  readonly cached: boolean;
  /** ms since the epoch. */
  readonly started: number | null;
  readonly completed: number | null;
  readonly error: string;
}

export interface LayerStatus {
  readonly id: string;
  readonly name: string;
  readonly current: number;
  readonly total: number;
  /** ms since the epoch. */
  readonly started: number | null;
  readonly completed: number | null;
}

export interface Status {
  readonly vertexes: readonly Vertex[];
  readonly layers: readonly LayerStatus[];
  readonly logs: readonly { readonly vertex: string; readonly bytes: Uint8Array }[];
  readonly warnings: readonly string[];
}

/** Throws a RangeError on malformed bytes. */
export function decodeStatus(bytes: Uint8Array): Status {
  const vertexes: Vertex[] = [];
  const layers: LayerStatus[] = [];
  const logs: { vertex: string; bytes: Uint8Array }[] = [];
  const warnings: string[] = [];
  for (const { no, value } of fields(bytes)) {
    const message = bytesOf(value);
    if (no === 1) vertexes.push(vertexOf(message));
    else if (no === 2) layers.push(layerOf(message));
    else if (no === 3) logs.push(logOf(message));
    else if (no === 4) warnings.push(warningOf(message));
  }
  return { vertexes, layers, logs, warnings };
}

function vertexOf(bytes: Uint8Array): Vertex {
  const vertex = {
    digest: '',
    name: '',
    cached: false,
    started: null as number | null,
    completed: null as number | null,
    error: '',
  };
  for (const { no, value } of fields(bytes)) {
    if (no === 1) vertex.digest = textOf(value);
    else if (no === 3) vertex.name = textOf(value);
    else if (no === 4) vertex.cached = value === 1;
    else if (no === 5) vertex.started = timeOf(bytesOf(value));
    else if (no === 6) vertex.completed = timeOf(bytesOf(value));
    else if (no === 7) vertex.error = textOf(value);
  }
  return vertex;
}

function layerOf(bytes: Uint8Array): LayerStatus {
  const layer = {
    id: '',
    name: '',
    current: 0,
    total: 0,
    started: null as number | null,
    completed: null as number | null,
  };
  for (const { no, value } of fields(bytes)) {
    if (no === 1) layer.id = textOf(value);
    else if (no === 3) layer.name = textOf(value);
    else if (no === 4) layer.current = numberOf(value);
    else if (no === 5) layer.total = numberOf(value);
    else if (no === 7) layer.started = timeOf(bytesOf(value));
    else if (no === 8) layer.completed = timeOf(bytesOf(value));
  }
  return layer;
}

function logOf(bytes: Uint8Array): { vertex: string; bytes: Uint8Array } {
  const log = { vertex: '', bytes: new Uint8Array() as Uint8Array };
  for (const { no, value } of fields(bytes)) {
    if (no === 1) log.vertex = textOf(value);
    else if (no === 4) log.bytes = bytesOf(value);
  }
  return log;
}

function warningOf(bytes: Uint8Array): string {
  let text = '';
  for (const { no, value } of fields(bytes)) if (no === 3) text = textOf(value);
  return text;
}

function timeOf(bytes: Uint8Array): number {
  let ms = 0;
  for (const { no, value } of fields(bytes))
    ms += no === 1 ? numberOf(value) * 1_000 : no === 2 ? numberOf(value) / 1e6 : 0;
  return Math.round(ms);
}
