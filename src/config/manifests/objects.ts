// Manifest text into objects with their places.
import { type Document, isMap, isSeq, LineCounter, type Node, parseAllDocuments } from 'yaml';
import type { KubeObject, ManifestObject } from '../../model/config.ts';
import { excerptOf } from '../../model/problems/excerpt.ts';
import type { Problem, SourcePos } from '../../model/problems/problem.ts';
import { masked, type YamlWords, yamlWords } from '../../model/text/yaml-words.ts';
import { placeOfOffset, wordsOf } from '../yaml/document.ts';
import { toRead } from '../yaml/kubectl.ts';
import { structureFaults, unparsable } from '../yaml/structure.ts';

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
  // A line of a Secret is nobody's business, and a file that cannot be read may hold one.
  const mayShow = !/\bSecret\b/.test(text);
  const shown = mayShow ? text : masked(text);
  const report = (code: string, at: SourcePos, what: string, hint?: string): void => {
    const printed = from ? `${file}:${at.line}: ` : '';
    const excerpt = mayShow ? excerptOf(text, at) : null;
    problems.push({
      kind: 'yours',
      code,
      what: printed + what,
      at: from ?? at,
      ...(hint ? { hint } : {}),
      ...(excerpt && !from ? { excerpt } : {}),
      // Of what was printed there is no file to look into.
      ...(excerpt && from ? { logTail: [excerpt.text] } : {}),
    });
  };
  const tell = (code: string, { what, hint, offset }: YamlWords): void => report(code, place(offset), what, hint);
  const early = unparsable(text);
  if (early) {
    report('S104', placeOfOffset(text, file, early.offset), early.what, early.hint);
    return { objects, problems };
  }
  try {
    const options = { ...toRead(text), lineCounter: counter };
    for (const document of parseAllDocuments(text, options) as Document.Parsed[]) {
      const errors = [...document.errors, ...document.warnings.filter(({ message }) => noSuchValue.test(message))];
      const [error] = yamlWords(shown, errors);
      const [fault] = error ? [] : structureFaults([document], shown);
      if (error) tell('S101', error);
      else if (fault) tell(fault.code ?? 'S104', fault);
      else
        for (const { value, at, node } of entriesOf(document, place)) {
          const wrong = faultOf(value);
          if (wrong) report('S121', placeIn(node, wrong.path, place) ?? at, wrong.what, wrong.hint);
          else objects.push({ object: value as KubeObject, at: from ?? at });
        }
    }
  } catch (error) {
    report('S104', { file, line: 1, column: 1 }, wordsOf(error as Error), 'write it in a simpler way');
  }
  return { objects, problems };
}

/** `!!int x`: kubectl refuses it as well. Tags of others are none of its business. */
const noSuchValue = /^Unresolved tag: tag:yaml\.org,2002:/;

// What aliases come to has been measured.
const entriesOf = (document: Document.Parsed, place: Place): Entry[] =>
  flattened(document.toJS({ maxAliasCount: -1 }), document.contents, place);

function placeIn(node: Node | null, path: readonly string[] | undefined, place: Place): SourcePos | null {
  const found = isMap(node) && path && path.length > 0 ? (node.getIn(path, true) as Node | undefined) : undefined;
  return found?.range ? place(found.range[0]) : null;
}

type Place = (offset: number) => SourcePos;

interface Entry {
  readonly value: unknown;
  readonly node: Node | null;
  readonly at: SourcePos;
}

/** The items of a List stand for themselves. */
function flattened(value: unknown, node: Node | null, place: Place): Entry[] {
  if (value === null || value === undefined) return [];
  const at = place(node?.range?.[0] ?? 0);
  const { kind, items } = value as { kind?: unknown; items?: unknown };
  if (typeof kind !== 'string' || !kind.endsWith('List') || !Array.isArray(items)) return [{ value, at, node }];
  const inside = isMap(node) ? node.get('items') : null;
  return items.flatMap((item, i) => flattened(item, isSeq(inside) ? (inside.items[i] as Node) : node, place));
}

/** What names of objects may look like; also keeps them from being anything else in a path, a label or a terminal. */
const objectNamePattern = /^[A-Za-z0-9]([A-Za-z0-9._:-]{0,251}[A-Za-z0-9])?$/;

interface ObjectFault {
  readonly what: string;
  readonly hint?: string;
  /** Of the field, where it is one. */
  readonly path?: readonly string[];
}

function faultOf(value: unknown): ObjectFault | null {
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
  if (metadata?.name === undefined || metadata.name === null || metadata.name === '')
    return {
      what: `this ${kind} has no metadata.name`,
      hint: metadata?.generateName
        ? 'generateName cannot be applied again and again: give it a name'
        : 'give it a name',
    };
  const isOdd = (name: unknown): boolean => typeof name !== 'string' || !objectNamePattern.test(name);
  const key = isOdd(metadata.name) ? 'name' : isOdd(metadata.namespace ?? 'default') ? 'namespace' : null;
  if (key === null) return null;
  const odd = metadata[key];
  const isTemplate = JSON.stringify(odd).includes('{{');
  return {
    what: `${JSON.stringify(odd)} is no ${key} for a ${kind}`,
    path: ['metadata', key],
    hint: isTemplate
      ? 'this is a template that nobody has rendered: name its chart with {helm: DIR}'
      : typeof odd === 'string'
        ? 'letters, digits, - and . between them'
        : `quote it: "${String(odd)}"`,
  };
}
