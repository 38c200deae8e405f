// One YAML file as plain values, with the place of each of them.
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type ScalarTag,
  type Tags,
  visit,
} from 'yaml';
import { limits } from '../model/limits.ts';
import type { Problem, SourcePos } from '../model/problem.ts';

export type Path = readonly (string | number)[];

export interface Source {
  /** Plain data; undefined where the file cannot be read as YAML. */
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** Where the value at a path stands, or the nearest thing around it that exists. */
  at(path: Path): SourcePos;
  /** Where the key that leads to it stands. */
  keyAt(path: Path): SourcePos;
}

/** Never throws: syntax errors, duplicate keys and alias bombs are problems. */
export function parseSource(text: string, file: string): Source {
  const counter = new LineCounter();
  const position = (offset: number): SourcePos => {
    const { line, col } = counter.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const start = { file, line: 1, column: 1 };
  if (text.length > limits.configBytes)
    return unreadable(start, 'S104', `${file} is larger than ${limits.configBytes >> 20} MB`);
  try {
    const options = {
      lineCounter: counter,
      merge: true,
      prettyErrors: false,
      // Warnings of the library would go to stderr by themselves.
      logLevel: 'error' as const,
      customTags: (tags: Tags) => [longInteger, ...tags],
    };
    const document = parseDocument(text, options);
    const place = (path: Path, key: boolean): SourcePos => position(offsetOf(document, path, key));
    const problems = document.errors.map(({ message, pos }) => syntax(message, position(pos[0])));
    if (problems.length > 0) return { value: undefined, problems, at: () => start, keyAt: () => start };
    const circle = circleIn(document);
    if (circle !== null) return unreadable(position(circle), 'S104', 'an alias inside of what it stands for');
    const value: unknown = document.toJS({ maxAliasCount: limits.yamlAliases });
    return { value, problems: [], at: (path) => place(path, false), keyAt: (path) => place(path, true) };
  } catch (error) {
    const message = wordsOf(error as Error);
    return unreadable(start, 'S104', `${file}: ${message}`);
  }
}

/** Build arguments and values of charts arrive as written: beyond 53 bits a number of ours is another one. */
const longInteger: ScalarTag = {
  tag: 'tag:yaml.org,2002:int',
  default: true,
  test: /^[-+]?[0-9]{16,}$/,
  resolve: (digits) => (Number.isSafeInteger(Number(digits)) ? Number(digits) : digits),
};

/** Offset of an alias inside its own anchor; such a value has no end. Null where there is none. */
export function circleIn(document: Document): number | null {
  let found: number | null = null;
  visit(document, {
    Alias(_, alias) {
      const [from, to] = alias.resolve(document)?.range ?? [];
      const [start, end] = alias.range ?? [];
      if (from === undefined || to === undefined || start === undefined || end === undefined) return undefined;
      if (start < from || end > to) return undefined;
      found = start;
      return visit.BREAK;
    },
  });
  return found;
}

/** For what the parser throws: nesting deeper than the stack, an alias of nothing, aliases that multiply. */
export function wordsOf(error: Error): string {
  if (error instanceof RangeError) return 'nested too deeply';
  return error.message.startsWith('Excessive alias count') ? 'its aliases multiply to too much' : error.message;
}

function unreadable(at: SourcePos, code: string, what: string): Source {
  return { value: undefined, problems: [{ kind: 'yours', code, what, at }], at: () => at, keyAt: () => at };
}

const multiple = /^Source contains multiple documents/;

const syntax = (message: string, at: SourcePos): Problem => ({
  kind: 'yours',
  code: 'S101',
  what: multiple.test(message) ? 'a second document: sluice.yaml is one' : (message.split('\n')[0] ?? message),
  at,
});

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
