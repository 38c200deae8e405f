// Which layer of an image each of the last instructions of its Dockerfile has made, by the history that BuildKit has written: read
// from the end, since what stands before it is its base image's. Pure.

import { type Declined, declined } from '../../live/transport.ts';
import type { Source } from './pattern.ts';
import { sourceOf, takesIn } from './pattern.ts';
import type { Tail, TailLayer } from './tail.ts';

export interface HistoryEntry {
  readonly created_by?: string;
  readonly comment?: string;
  readonly empty_layer?: boolean;
}

/** Written by BuildKit's frontend; its exporter adds lines at the end where the base image has fewer than layers. */
const isOfDockerfile = ({ comment = '' }: HistoryEntry): boolean => /^buildkit\.dockerfile\./.test(comment);
const isMadeUp = ({ comment = '' }: HistoryEntry): boolean => /^buildkit\.exporter\./.test(comment);

/** Why the layers of an image are not for certain those of `tail.layers`, counted from the last one; null where they are. */
export function notItsLayers(history: readonly HistoryEntry[], layers: number, tail: Tail): Declined | null {
  const all = history.filter(({ empty_layer }) => empty_layer !== true);
  if (all.length !== layers) return declined('the history of the last image is not that of its layers');
  const told = all.filter((entry) => !isMadeUp(entry));
  for (const [i, step] of tail.layers.entries()) {
    const entry = told[told.length - 1 - i];
    if (!entry || !isOfDockerfile(entry) || !isMadeBy(step, entry.created_by ?? ''))
      return declined('the history of the last image is not that of its Dockerfile');
  }
  return null;
}

function isMadeBy({ keyword, copy }: TailLayer, said: string): boolean {
  if (!said.startsWith(`${keyword} `)) return false;
  return copy === null || said.endsWith(` ${copy.written} # buildkit`);
}

/**
 * Instructions that a base image has left for those made from it (ONBUILD) stand in the history before those of the Dockerfile, as
 * what its own Dockerfile has copied does. The path that one of them may have read; null where there is none.
 */
export function readByBase(history: readonly HistoryEntry[], tail: Tail, paths: readonly string[]): string | null {
  const told = history.filter((entry) => entry.empty_layer !== true && !isMadeUp(entry));
  const base = told.slice(0, Math.max(0, told.length - tail.made));
  const sources = base.flatMap(({ created_by = '' }) => copiedBy(created_by));
  return paths.find((path) => sources.some((source) => takesIn(source, path))) ?? null;
}

function copiedBy(said: string): readonly Source[] {
  const [, rest] = /^(?:COPY|ADD) (.*) # buildkit$/s.exec(said) ?? [];
  const words = rest?.split(' ').filter((word) => !/^--(chown|chmod|link)\b/.test(word)) ?? [];
  return words.some((word) => word.startsWith('--from')) ? [] : words.slice(0, -1).map(sourceOf);
}
