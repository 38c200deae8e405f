// What one reading reads of the disk: each file once, whoever asks.
import { resolve } from 'node:path';
import { limits } from '../../../model/limits.ts';
import type { DiskPort } from '../../../model/ports.ts';
import type { Problem } from '../../../model/problems/problem.ts';
import { readNamed } from '../../load-context.ts';
import type { Reads } from '../../reads.ts';

export interface Texts {
  readonly disk: DiskPort;
  readonly reads: Reads;
  /** By path. */
  readonly texts: Map<string, Promise<string | Problem>>;
}

interface NamedFile {
  readonly dir: string;
  readonly given: string;
  /** How a problem names it. */
  readonly called: string;
}

/** Its text, or why it cannot be read. */
export function readOnce(reading: Texts, file: NamedFile): Promise<string | Problem> {
  const path = resolve(file.dir, file.given);
  const known = reading.texts.get(path);
  if (known) return known;
  const text = readNamed(reading, file, { most: limits.configBytes, isText: true });
  // Whoever wants it hears of it; until then nobody waits.
  text.catch(() => {});
  reading.texts.set(path, text);
  return text;
}

export const calledFile = (given: string): string => `the Compose file ${given}`;
