// One YAML file as plain values, with the place of each of them.
import {
  type CollectionTag,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseAllDocuments,
  parseDocument,
  type ScalarTag,
  type Tags,
} from 'yaml';
import { excerptOf } from '../../model/problems/excerpt.ts';
import type { Problem, SourcePos } from '../../model/problems/problem.ts';
import { type YamlWords, yamlWords } from '../../model/text/yaml-words.ts';
import { joinDocuments, structureFaults, unparsable } from './structure.ts';

export type Path = readonly (string | number)[];

/** As it is written where keys are told: `images.web.live[0]`. */
export const dotted = (path: Path): string =>
  path
    .map((key) => (typeof key === 'number' ? `[${key}]` : key === '' ? '""' : key))
    .join('.')
    .replaceAll('.[', '[');

export interface Source {
  readonly text: string;
  /** Plain data; undefined where the file cannot be read as YAML. */
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** Of a document that is read all the same. */
  readonly warnings: readonly Problem[];
  /** Where the value at a path stands, or the nearest thing around it that exists. */
  at(path: Path): SourcePos;
  /** Where the key that leads to it stands. */
  keyAt(path: Path): SourcePos;
  /** A plain value as it is written there; null for anything else. */
  written(path: Path): string | null;
  /** What bears one of the tags that the dialect knows. */
  readonly tagged: readonly Tagged[];
}

export interface Tagged {
  readonly path: Path;
  readonly tag: string;
}

/** What a kind of file understands beyond plain YAML. */
export interface Dialect {
  /** Tags that mean something to its reader. */
  readonly tags: readonly string[];
  readonly types: readonly (ScalarTag | CollectionTag)[];
  /** Other tags mean nothing, and are no reason not to read on: a scalar is a text then. */
  readonly takesAnyTag?: boolean;
  /** It may have several documents. */
  readonly isOfDocuments?: boolean;
  /** Keys that are no texts are refused, and so is a second `<<` of a map. */
  readonly hasTextKeys?: boolean;
}

/** Never throws: syntax errors, duplicate keys and alias bombs are problems. */
export function parseSource(text: string, file: string, dialect: Dialect = plain): Source {
  return parseSources(text, file, { ...dialect, isOfDocuments: false })[0] as Source;
}

/** One for each document; where anything is wrong with any of them, one that has the problems of all. */
export function parseSources(text: string, file: string, dialect: Dialect): readonly Source[] {
  const counter = new LineCounter();
  const position = (offset: number): SourcePos => {
    const { line, col } = counter.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const start = { file, line: 1, column: 1 };
  const told = (problems: readonly Problem[]): readonly Source[] => [
    {
      text,
      value: undefined,
      problems,
      warnings: [],
      at: () => start,
      keyAt: () => start,
      written: () => null,
      tagged: [],
    },
  ];
  const early = unparsable(text);
  if (early) return told([yamlProblem('S104', early, placeOfOffset(text, file, early.offset), text)]);
  try {
    const documents = documentsIn(text, dialect, counter);
    const syntax = yamlWords(
      text,
      documents.flatMap(({ errors }) => errors),
    );
    const structure = () => faultsOf(documents, text, dialect);
    const faults = syntax.length > 0 ? syntax : structure().toSorted((a, b) => a.offset - b.offset);
    if (faults.length > 0)
      return told(
        faults.map((fault) => yamlProblem(syntax.length > 0 ? 'S101' : 'S104', fault, position(fault.offset), text)),
      );
    if (documents.length > 1) joinDocuments(documents);
    return documents.map((document) => sourceOf(document, text, dialect, position));
  } catch (error) {
    return told([
      yamlProblem('S104', { what: wordsOf(error as Error), hint: 'write it in a simpler way', offset: 0 }, start, text),
    ]);
  }
}

function documentsIn(text: string, { types, isOfDocuments }: Dialect, lineCounter: LineCounter): readonly Document[] {
  const options = {
    lineCounter,
    merge: true,
    prettyErrors: false,
    uniqueKeys: false,
    // Warnings of the library would go to stderr by themselves.
    logLevel: 'error' as const,
    customTags: (all: Tags) => [...types, longInteger, ...all],
  };
  const all = isOfDocuments ? (parseAllDocuments(text, options) as readonly Document[]) : [];
  return all.length > 0 ? all : [parseDocument(text, options)];
}

const faultsOf = (documents: readonly Document[], text: string, dialect: Dialect): readonly YamlWords[] => [
  ...documents.flatMap((document) => tagFaults(document, text, dialect)),
  ...structureFaults(documents, text, dialect.hasTextKeys),
];

function sourceOf(
  document: Document,
  text: string,
  { tags, takesAnyTag = false }: Dialect,
  position: (offset: number) => SourcePos,
): Source {
  const place = (path: Path, key: boolean): SourcePos => position(offsetOf(document, path, key));
  return {
    text,
    // What aliases come to has been measured.
    value: document.toJS({ maxAliasCount: -1 }) as unknown,
    problems: [],
    warnings: takesAnyTag
      ? unknownTags(document, text, tags).map((words) => yamlProblem('S104', words, position(words.offset), text))
      : [],
    at: (path) => place(path, false),
    keyAt: (path) => place(path, true),
    written: (path) => writtenAt(document, path),
    tagged: tags.some((tag) => text.includes(tag)) ? taggedIn(document.contents, tags) : [],
  };
}

/** Where an offset is, of a text that cannot be parsed. */
export function placeOfOffset(text: string, file: string, offset: number): SourcePos {
  const before = text.slice(0, offset).split('\n');
  return { file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

export function yamlProblem(
  general: string,
  { what, hint, code = general }: YamlWords,
  at: SourcePos,
  text: string,
): Problem {
  const excerpt = excerptOf(text, at);
  return { kind: 'yours', code, what, hint, at, ...(excerpt ? { excerpt } : {}) };
}

const plain: Dialect = { tags: [], types: [] };

function taggedIn(node: unknown, tags: readonly string[], path: Path = []): readonly Tagged[] {
  if (!isMap(node) && !isSeq(node) && !isScalar(node)) return [];
  const own = node.tag !== undefined && tags.includes(node.tag) ? [{ path, tag: node.tag }] : [];
  if (isSeq(node)) return [...own, ...node.items.flatMap((item, i) => taggedIn(item, tags, [...path, i]))];
  if (!isMap(node)) return own;
  const pairs = node.items as KeyedPair[];
  return [...own, ...pairs.flatMap((pair) => taggedIn(pair.value, tags, [...path, keyOf(pair) ?? '']))];
}

const tagFaults = (document: Document, text: string, { tags, takesAnyTag = false }: Dialect): readonly YamlWords[] => {
  const unknown = unknownTags(document, text, tags);
  return takesAnyTag ? unknown.filter(({ isOfScalars }) => isOfScalars) : unknown;
};

interface UnknownTag extends YamlWords {
  /** Its value is not what the tag says. */
  readonly isOfScalars: boolean;
}

/** `- !keep` is a tag to YAML, and the rest is nothing. */
const unknownTags = ({ warnings }: Document, text: string, known: readonly string[]): readonly UnknownTag[] =>
  warnings
    .filter(({ code, pos: [from, to] }) => code === 'TAG_RESOLVE_FAILED' && !known.includes(text.slice(from, to)))
    .map(({ pos: [from, to] }) => {
      const tag = text.slice(from, to);
      return {
        what: `${tag} is read as a tag of YAML, which means nothing here`,
        hint: `a text that begins with ! stands in quotes: "${tag}"`,
        offset: from,
        isOfScalars: /^!!(?:bool|float|int|null|timestamp)$/.test(tag),
      };
    });

/** Build arguments and values of charts arrive as written: beyond 53 bits a number of ours is another one. */
const longInteger: ScalarTag = {
  tag: 'tag:yaml.org,2002:int',
  default: true,
  test: /^[-+]?[0-9]{16,}$/,
  resolve: (digits) => (Number.isSafeInteger(Number(digits)) ? Number(digits) : digits),
};

/** For what the parser throws in spite of all. */
export const wordsOf = (error: Error): string =>
  error instanceof RangeError ? 'it is nested too deeply' : 'it cannot be read as YAML';

function writtenAt(document: Document, path: Path): string | null {
  const found = path.reduce<Node | null>((node, key) => step(document, node, key)?.value ?? null, document.contents);
  const node = isAlias(found) ? found.resolve(document) : found;
  return isScalar(node) ? (node.source ?? null) : null;
}

function offsetOf(document: Document, path: Path, wantsKey: boolean): number {
  let node: Node | null = document.contents;
  let offset = node?.range?.[0] ?? 0;
  for (const [i, key] of path.entries()) {
    const found = step(document, node, key);
    if (!found) break;
    node = found.value;
    const isLast = i === path.length - 1;
    offset =
      (isLast && wantsKey ? found.key?.range?.[0] : undefined) ?? node?.range?.[0] ?? found.key?.range?.[0] ?? offset;
  }
  return offset;
}

interface Step {
  readonly key: Node | null;
  readonly value: Node | null;
}

/** Into a map or list, through aliases and merged maps. */
function step(document: Document, from: Node | null, key: string | number): Step | null {
  const node = isAlias(from) ? (from.resolve(document) ?? null) : from;
  if (isSeq(node)) {
    const item = node.items[Number(key)];
    return item === undefined ? null : { key: null, value: item as Node };
  }
  if (!isMap(node)) return null;
  const pairs = node.items as KeyedPair[];
  const own = indexOf(node, pairs).get(String(key));
  if (own) return { key: own.key, value: own.value };
  for (const pair of pairs.filter((each) => keyOf(each) === '<<')) {
    const sources = isSeq(pair.value) ? (pair.value.items as Node[]) : [pair.value];
    for (const source of sources) {
      const inside = step(document, source, key);
      if (inside) return inside;
    }
  }
  return null;
}

type KeyedPair = Pair<Node, Node | null>;

const keyOf = ({ key }: KeyedPair): string | null => (isScalar(key) ? String(key.source ?? key.value) : null);

/** Thousands of resources are looked up one by one: each map is indexed once. */
const indexes = new WeakMap<object, ReadonlyMap<string | null, KeyedPair>>();

function indexOf(map: object, pairs: readonly KeyedPair[]): ReadonlyMap<string | null, KeyedPair> {
  const known = indexes.get(map) ?? new Map(pairs.map((pair) => [keyOf(pair), pair]));
  indexes.set(map, known);
  return known;
}
