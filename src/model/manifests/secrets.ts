// The values of Secret objects, in every form in which they may turn up in a log.
import type { KubeObject } from '../config.ts';
import type { Secret } from '../log.ts';
import { record } from './workload.ts';

/** Shorter values are common words and numbers: hiding them would blank half of every log. */
const shortest = 5;

/** Raw and base64, each once. */
export function secretsOf(objects: readonly KubeObject[]): readonly Secret[] {
  return objects
    .filter(({ kind, apiVersion }) => kind === 'Secret' && apiVersion === 'v1')
    .flatMap((object) => [
      ...Object.entries(record(object.data)).flatMap(([key, value]) =>
        forms(object, key, [asText(value), decoded(asText(value))]),
      ),
      ...Object.entries(record(object.stringData)).flatMap(([key, value]) =>
        forms(object, key, [asText(value), encoded(asText(value))]),
      ),
    ]);
}

/** A number where text belongs is refused by the cluster, which quotes it. */
const asText = (value: unknown): string =>
  typeof value === 'string' ? value.trim() : /^(number|bigint)$/.test(typeof value) ? String(value) : '';

function forms(object: KubeObject, key: string, values: readonly string[]): Secret[] {
  const long = [...new Set(values.map((value) => value.trim()))].filter(
    (value) => new TextEncoder().encode(value).length >= shortest,
  );
  return long.map((value) => ({ name: object.metadata.name, key, value }));
}

function decoded(base64: string): string {
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)));
  } catch {
    return '';
  }
}

const encoded = (value: string): string => btoa(String.fromCharCode(...new TextEncoder().encode(value)));
