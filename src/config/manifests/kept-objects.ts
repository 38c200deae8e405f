// Manifests as they were read before: of a thousand objects, reading the text of YAML takes an eighth of a start.
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '../../model/config.ts';
import { limits } from '../../model/limits.ts';
import type { KeptPort } from '../../model/ports.ts';
import type { SourcePos } from '../../model/problems/problem.ts';
import { jsonText, parseJson } from '../../model/text/json.ts';
import { type Objects, parseObjects } from './objects.ts';

/** Of all that sluice was built from: another reader may make something else of the same text. */
declare const __sources: string;

type ReadObjects = (text: string, file: string, from?: SourcePos | null) => Objects;

export interface ManifestReader {
  /** As `parseObjects`. */
  readonly read: ReadObjects;
  /** To be called when all was read: what this load did not need is forgotten. */
  keep(): void;
}

/** `config`: path of the configuration, to which what is kept belongs. Nothing is kept of what may hold a Secret, and nothing of problems. */
export function manifestReader(kept: KeptPort | undefined, config: string): ManifestReader {
  if (!kept) return { read: parseObjects, keep: () => {} };
  const name = `${digest(config).slice(0, 16)}.manifests`;
  const build = typeof __sources === 'undefined' ? '' : __sources;
  const before = kept.load(name);
  const used = new Map<string, string>();
  let bytes = 0;
  let isNew = false;
  const use = (key: string, objects: string): void => {
    if (used.has(key) || bytes + objects.length > limits.keptManifestBytes) return;
    bytes += objects.length;
    used.set(key, objects);
  };
  return {
    read(text, file, from = null) {
      if (/\bSecret\b/.test(text)) return parseObjects(text, file, from);
      // The same text in a file has places of its own.
      const key = digest(`${build}\n${from ? 'printed' : 'file'}\n${text}`);
      const known = used.get(key) ?? before.get(key);
      if (known !== undefined) {
        use(key, known);
        return { objects: objectsOf(known, file, from), problems: [] };
      }
      const found = parseObjects(text, file, from);
      const objects = found.problems.length === 0 ? written(found) : null;
      if (objects !== null) {
        isNew = true;
        use(key, objects);
      }
      return found;
    },
    keep() {
      if (isNew || used.size < before.size) kept.save(name, used);
    },
  };
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

type Placed = readonly (readonly [line: number, column: number, object: KubeObject])[];

/** Null where JSON does not give back what was read. */
function written({ objects }: Objects): string | null {
  const placed: Placed = objects.map(({ object, at }) => [at.line, at.column, object]);
  const text = jsonText(placed);
  return isDeepStrictEqual(parseJson(text), placed) ? text : null;
}

const objectsOf = (text: string, file: string, from: SourcePos | null): Objects['objects'] =>
  (parseJson(text) as Placed).map(([line, column, object]) => ({ object, at: from ?? { file, line, column } }));
