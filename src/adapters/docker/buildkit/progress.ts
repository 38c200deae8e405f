// BuildKit's status records folded into build events; remembers the tail of each step's output for its failure.
import { StringDecoder } from 'node:string_decoder';
import { limits } from '../../../model/limits.ts';
import type { BuildEvent } from '../../../model/ports.ts';
import type { BuildProgress, FailedStep } from '../build-progress.ts';
import type { StreamRecord } from '../json-lines.ts';
import { LineTail, plain } from '../text.ts';
import { decodeStatus, type LayerStatus, type Vertex } from './status.ts';

type StepState = 'started' | 'done' | 'cached' | 'failed';

interface Step {
  name: string;
  state: StepState | null;
  error: string;
  readonly tail: LineTail;
  readonly decoder: StringDecoder;
}

export function buildkitProgress(now: () => number = Date.now): BuildProgress {
  const steps = new Map<string, Step>();
  const toldAt = new Map<string, number>();
  let built: string | null = null;

  const stepOf = (digest: string): Step => {
    const known = steps.get(digest);
    if (known) return known;
    const step: Step = {
      name: '',
      state: null,
      error: '',
      tail: new LineTail(limits.problemLogLines),
      decoder: new StringDecoder('utf8'),
    };
    steps.set(digest, step);
    return step;
  };

  function* stepEvents(vertex: Vertex): Generator<BuildEvent> {
    const step = stepOf(vertex.digest);
    const state = stateOf(vertex);
    step.name = vertex.name ? plain(vertex.name) : step.name;
    step.error = vertex.error || step.error;
    // BuildKit repeats a vertex for each of its changes, and again for each that depends on it.
    if (state === null || state === step.state || (state === 'started' && step.state !== null)) return;
    step.state = state;
    const ms = vertex.started !== null && vertex.completed !== null ? { ms: vertex.completed - vertex.started } : {};
    yield { is: 'step', id: vertex.digest, name: step.name, state, ...ms };
  }

  function* layerEvents(layer: LayerStatus): Generator<BuildEvent> {
    const time = now();
    if (!layer.completed && time - (toldAt.get(layer.id) ?? 0) < limits.layerProgressMs) return;
    toldAt.set(layer.id, time);
    const size = layer.total > 0 ? ` ${layer.current}/${layer.total}` : '';
    yield {
      is: 'progress',
      id: plain(layer.id),
      text: `${plain(layer.name || layer.id)}${layer.completed ? ' done' : size}`,
    };
  }

  function* read(record: StreamRecord): Generator<BuildEvent> {
    if (record.id === 'moby.image.id') built = (record.aux as { ID?: string } | null)?.ID ?? built;
    if (record.id !== 'moby.buildkit.trace' || typeof record.aux !== 'string') return;
    const status = decodeStatus(Buffer.from(record.aux, 'base64'));
    for (const vertex of status.vertexes) yield* stepEvents(vertex);
    for (const layer of status.layers) yield* layerEvents(layer);
    for (const log of status.logs) {
      const step = stepOf(log.vertex);
      const text = step.decoder.write(Buffer.from(log.bytes));
      step.tail.write(text);
      if (text) yield { is: 'output', text };
    }
    for (const warning of status.warnings) yield { is: 'output', text: `warning: ${plain(warning)}\n` };
  }

  const failed = (): FailedStep | null => {
    // Steps cancelled because another failed carry an error as well.
    const all = [...steps.values()].filter((step) => step.error);
    const step = all.find(({ error }) => !/context cancell?ed/.test(error)) ?? all[0];
    if (!step) return null;
    return {
      instruction: step.name.replace(/^\[[^\]]*\]\s*/, ''),
      name: step.name,
      index: null,
      error: plain(step.error),
      tail: step.tail.lines(),
    };
  };
  return { read, failed, built: () => built, end: () => [], containers: () => [] };
}

function stateOf(vertex: Vertex): StepState | null {
  if (vertex.error) return 'failed';
  if (vertex.cached) return 'cached';
  if (vertex.completed !== null) return 'done';
  return vertex.started === null ? null : 'started';
}
