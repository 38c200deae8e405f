// BuildKit's status records folded into build events; remembers the tail of each step's output for its failure.
import { StringDecoder } from 'node:string_decoder';
import { limits } from '../../model/limits.ts';
import type { BuildEvent } from '../../model/ports.ts';
import { LineTail, plain } from '../registry/daemon-text.ts';
import { decodeStatus, type LayerStatus, type Vertex } from './status.ts';

/** What BuildKit says from the first layer that it sends to a registry to the last. */
export const pushingLayers = 'pushing layers';

/** A layer on its way has its digest for an id; the context a name, and what is exported words before the digest of a manifest. */
const aLayer = /^(?:extracting )?sha256:/;

export interface FailedStep {
  /** As written in the Dockerfile, the builder's prefix taken off. */
  readonly instruction: string;
  readonly name: string;
  /** Place among the Dockerfile's instructions, from 0, where the builder counts them. */
  readonly index: number | null;
  readonly error: string;
  readonly tail: readonly string[];
}

type StepState = Extract<BuildEvent, { is: 'step' }>['state'];

interface Step {
  name: string;
  state: StepState | null;
  error: string;
  readonly tail: LineTail;
  readonly decoder: StringDecoder;
}

export class BuildkitProgress {
  private readonly steps = new Map<string, Step>();
  private readonly toldAt = new Map<string, number>();

  /** `bytes`: one StatusResponse. Throws a RangeError on what cannot be decoded. */
  *read(bytes: Uint8Array): Generator<BuildEvent> {
    const status = decodeStatus(bytes);
    for (const vertex of status.vertexes) yield* this.stepEvents(vertex);
    for (const layer of status.layers) yield* this.layerEvents(layer);
    for (const log of status.logs) yield* this.output(log.vertex, log.bytes);
    for (const warning of status.warnings) yield { is: 'output', text: `warning: ${plain(warning)}\n` };
  }

  private stepOf(digest: string): Step {
    const known = this.steps.get(digest);
    if (known) return known;
    const tail = new LineTail(limits.problemLogLines);
    const step: Step = { name: '', state: null, error: '', tail, decoder: new StringDecoder('utf8') };
    this.steps.set(digest, step);
    return step;
  }

  private *stepEvents(vertex: Vertex): Generator<BuildEvent> {
    const step = this.stepOf(vertex.digest);
    const state = stateOf(vertex);
    step.name = vertex.name ? plain(vertex.name) : step.name;
    step.error = vertex.error || step.error;
    // BuildKit repeats a vertex for each of its changes, and again for each that depends on it.
    if (state === null || state === step.state || (state === 'started' && step.state !== null)) return;
    step.state = state;
    const ms = vertex.started !== null && vertex.completed !== null ? { ms: vertex.completed - vertex.started } : {};
    yield { is: 'step', id: vertex.digest, name: step.name, state, ...ms };
  }

  private *layerEvents(layer: LayerStatus): Generator<BuildEvent> {
    // Part of a step, and what may take the longest of all.
    if (layer.id === pushingLayers)
      return yield* this.stepEvents({ ...layer, digest: layer.id, name: layer.id, cached: false, error: '' });
    const now = performance.now();
    const last = this.toldAt.get(layer.id);
    const isDone = layer.completed !== null;
    if (!isDone && last !== undefined && now - last < limits.layerProgressMs) return;
    this.toldAt.set(layer.id, now);
    const size = layer.total > 0 ? ` ${layer.current}/${layer.total}` : '';
    const text = `${plain(layer.name || layer.id)}${isDone ? ' done' : size}`;
    const bytes = { current: layer.current, total: layer.total, isDone };
    yield { is: 'progress', id: plain(layer.id), text, ...(aLayer.test(layer.id) ? { bytes } : {}) };
  }

  private *output(vertex: string, bytes: Uint8Array): Generator<BuildEvent> {
    const step = this.stepOf(vertex);
    const text = step.decoder.write(Buffer.from(bytes));
    step.tail.write(text);
    if (text) yield { is: 'output', text };
  }

  failed(): FailedStep | null {
    // Steps cancelled because another failed carry an error as well.
    const all = [...this.steps.values()].filter((step) => step.error);
    const step = all.find(({ error }) => !/context cancell?ed/.test(error)) ?? all[0];
    if (!step) return null;
    const instruction = step.name.replace(/^\[[^\]]*\]\s*/, '');
    return { instruction, name: step.name, index: null, error: plain(step.error), tail: step.tail.lines() };
  }
}

function stateOf(vertex: Vertex): StepState | null {
  if (vertex.error) return /context cancell?ed/.test(vertex.error) ? 'cancelled' : 'failed';
  if (vertex.cached) return 'cached';
  if (vertex.completed !== null) return 'done';
  return vertex.started === null ? null : 'started';
}
