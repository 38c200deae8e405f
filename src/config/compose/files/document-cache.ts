// Compose files as YAML. A session reads all of its project anew when one file changes: the others are not parsed again.
import { limits } from '../../../model/limits.ts';
import { parseSources, type Source } from '../../yaml/document.ts';
import { dialect } from './dialect.ts';

/** By file, the one that was asked for last at the end. */
const kept = new Map<string, { readonly text: string; readonly sources: readonly Source[] }>();

/** The documents of a file; nobody may change what they hold. */
export function documentsOf(text: string, file: string): readonly Source[] {
  const known = kept.get(file);
  const sources = known?.text === text ? known.sources : parseSources(text, file, dialect);
  kept.delete(file);
  if (text.length <= limits.composeKeptChars) kept.set(file, { text, sources });
  if (kept.size > limits.composeKept) kept.delete(kept.keys().next().value as string);
  return sources;
}
