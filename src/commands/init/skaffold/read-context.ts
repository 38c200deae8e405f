// What every part of reading a skaffold.yaml works with.
import { dirname, join } from 'node:path';
import type { Templates } from './templates.ts';

export interface Reading {
  /** Absolute, of the project. */
  readonly dir: string;
  /** The skaffold.yaml, relative to it. */
  readonly file: string;
  readonly templates: Templates;
  readonly notes: string[];
  readonly stop: AbortSignal;
}

/** A path of a document, from the project's directory on. */
export const placeIn = (file: string, path: string): string => {
  const dir = dirname(file);
  return dir === '.' || path.startsWith('/') ? path : join(dir, path);
};

/** The same for a path that is relative to the context of an artifact. */
export const inContext = (context: string, path: string): string =>
  context === '.' || path.startsWith('/') ? path : join(context, path);
