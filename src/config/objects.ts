// Manifest text into objects with their places.
import { type Document, isMap, isSeq, LineCounter, type Node, parseAllDocuments } from 'yaml';
import type { KubeObject, ManifestObject } from '../model/config.ts';
import { limits } from '../model/limits.ts';
import type { Problem, SourcePos } from '../model/problem.ts';
import { circleIn, wordsOf } from './document.ts';
import { asKubectl } from './kubectl-yaml.ts';

export interface Objects {
  readonly objects: readonly ManifestObject[];
  readonly problems: readonly Problem[];
}

/** `from` is the place of every object where the text is no file of the user's, but what a renderer printed. */
export function parseObjects(text: string, file: string, from: SourcePos | null = null): Objects {
  const counter = new LineCounter();
  const place = (offset: number): SourcePos => {
    const { line, col } = counter.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const problems: Problem[] = [];
  const objects: ManifestObject[] = [];
  const report = (code: string, at: SourcePos, what: string, hint?: string): void => {
    const printed = from ? `${file}:${at.line}: ` : '';
    problems.push({ kind: 'yours', code, what: printed + what, at: from ?? at, ...(hint ? { hint } : {}) });
  };
  try {
    const options = { ...asKubectl(/^\s*[{[]/.test(text)), lineCounter: counter };
    for (const document of parseAllDocuments(text, options) as Document.Parsed[]) {
      const [error] = [...document.errors, ...document.warnings.filter(({ message }) => noSuchValue.test(message))];
      if (error) report('S101', place(error.pos[0]), error.message.split('\n')[0] ?? error.message);
      for (const { value, at } of error ? [] : entriesOf(document, place)) {
        const fault = faultOf(value);
        if (fault) report('S121', at, fault.what, fault.hint);
        else objects.push({ object: value as KubeObject, at: from ?? at });
      }
    }
  } catch (error) {
    report('S104', { file, line: 1, column: 1 }, wordsOf(error as Error));
  }
  return { objects, problems };
}

/** `!!int x`: kubectl refuses it as well. Tags of others are none of its business. */
const noSuchValue = /^Unresolved tag: tag:yaml\.org,2002:/;

const entriesOf = (document: Document.Parsed, place: Place): Entry[] => {
  if (circleIn(document) !== null) throw new Error('an alias inside of what it stands for');
  return flattened(document.toJS({ maxAliasCount: limits.yamlAliases }), document.contents, place);
};

type Place = (offset: number) => SourcePos;

interface Entry {
  readonly value: unknown;
  readonly at: SourcePos;
}

/** The items of a List stand for themselves. */
function flattened(value: unknown, node: Node | null, place: Place): Entry[] {
  if (value === null || value === undefined) return [];
  const at = place(node?.range?.[0] ?? 0);
  const { kind, items } = value as { kind?: unknown; items?: unknown };
  if (typeof kind !== 'string' || !kind.endsWith('List') || !Array.isArray(items)) return [{ value, at }];
  const inside = isMap(node) ? node.get('items') : null;
  return items.flatMap((item, i) => flattened(item, isSeq(inside) ? (inside.items[i] as Node) : node, place));
}

/** What names of objects may look like; also keeps them from being anything else in a path, a label or a terminal. */
const objectNamePattern = /^[A-Za-z0-9]([A-Za-z0-9._:-]{0,251}[A-Za-z0-9])?$/;

function faultOf(value: unknown): { readonly what: string; readonly hint?: string } | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { what: 'this is no Kubernetes object', hint: 'it needs apiVersion, kind and metadata.name' };
  const { apiVersion, kind, metadata } = value as {
    apiVersion?: unknown;
    kind?: unknown;
    metadata?: { name?: unknown; namespace?: unknown; generateName?: unknown } | null;
  };
  if (typeof apiVersion === 'string' && apiVersion.startsWith('kustomize.config.k8s.io/'))
    return { what: 'this is a kustomization, not an object', hint: 'name its directory: {kustomize: DIR}' };
  const isText = (given: unknown): given is string => typeof given === 'string' && given !== '';
  if (!isText(kind))
    return {
      what: isText(apiVersion) ? 'this object has no kind' : 'this is no Kubernetes object: it has no kind',
      hint: 'it needs apiVersion, kind and metadata.name',
    };
  if (!isText(apiVersion)) return { what: `this ${kind} has no apiVersion`, hint: 'such as apiVersion: v1' };
  if (!isText(metadata?.name))
    return {
      what: `this ${kind} has no metadata.name`,
      hint: metadata?.generateName
        ? 'generateName cannot be applied again and again: give it a name'
        : 'give it a name',
    };
  const odd = [metadata.name, metadata.namespace ?? 'default'].find(
    (name) => typeof name !== 'string' || !objectNamePattern.test(name),
  );
  return odd === undefined ? null : { what: `${JSON.stringify(odd)} is no name for a ${kind}` };
}
