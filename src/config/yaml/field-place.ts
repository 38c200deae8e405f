// Where a field of an object stands in the manifest it was read from: looked up when it is needed, which is rarely.
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseAllDocuments } from 'yaml';
import { limits } from '../../model/limits.ts';
import type { FieldPath, FieldStep } from '../../model/problems/field-fault.ts';
import type { SourcePos } from '../../model/problems/problem.ts';
import { asKubectl } from './kubectl.ts';

/** The key of the field, or of the nearest thing around it that is written. Null where the object is not found in the text. */
export function fieldPlace(text: string, at: SourcePos, path: FieldPath): SourcePos | null {
  if (text.length > limits.manifestBytes) return null;
  const lineCounter = new LineCounter();
  const place = (offset: number): SourcePos => {
    const { line, col } = lineCounter.linePos(offset);
    return { file: at.file, line, column: col };
  };
  const documents = parseAllDocuments(text, { ...asKubectl(), lineCounter }) as Document.Parsed[];
  for (const document of documents) {
    const object = objectAt(document.contents, (node) => {
      const { line, column } = place(node.range?.[0] ?? 0);
      return line === at.line && column === at.column;
    });
    if (object) return place(offsetOf(object, path, document));
  }
  return null;
}

/** The document itself, or an item of a List. */
function objectAt(node: Node | null, isIt: (node: Node) => boolean): Node | null {
  if (!node) return null;
  const items = isMap(node) ? node.get('items') : null;
  const inside = isSeq(items)
    ? (items.items as Node[]).map((item) => objectAt(item, isIt)).find((found) => found)
    : null;
  return inside ?? (isIt(node) ? node : null);
}

function offsetOf(object: Node, path: FieldPath, document: Document): number {
  let node: Node | null = object;
  let offset = object.range?.[0] ?? 0;
  let rest = path;
  while (node && rest.length > 0) {
    const found: Found | null = step(isAlias(node) ? (node.resolve(document) ?? null) : node, rest);
    if (!found) break;
    ({ value: node, rest } = found);
    offset = found.offset;
  }
  return offset;
}

interface Found {
  readonly value: Node | null;
  readonly offset: number;
  readonly rest: FieldPath;
}

function step(node: Node | null, path: FieldPath): Found | null {
  if (isSeq(node)) {
    const items = node.items as Node[];
    const wanted = path[0] as FieldStep;
    const item = typeof wanted === 'number' ? items[wanted] : items.find((each) => fits(each, wanted));
    return item ? { value: item, offset: item.range?.[0] ?? 0, rest: path.slice(1) } : null;
  }
  if (!isMap(node)) return null;
  // Names of labels hold points, at which the path was cut.
  for (let count = 1; count <= path.length && path.slice(0, count).every((each) => typeof each === 'string'); count++) {
    const key = path.slice(0, count).join('.');
    const pair = node.items.find((each) => isScalar(each.key) && String(each.key.source ?? each.key.value) === key);
    if (pair)
      return { value: pair.value as Node | null, offset: (pair.key as Node).range?.[0] ?? 0, rest: path.slice(count) };
  }
  return null;
}

/** By its keys; one that the manifest leaves out has its default there. */
function fits(item: Node, keys: FieldStep): boolean {
  if (typeof keys !== 'object' || !isMap(item)) return false;
  const given = Object.entries(keys).filter(([key]) => item.has(key));
  return given.length > 0 && given.every(([key, value]) => String(item.get(key)) === String(value));
}
