// What is wrong with YAML beyond its syntax: aliases of nothing, inside of themselves or without measure, keys that are no text,
// and nesting that the parser would not survive.
import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  isSeq,
  Lexer,
  type Node,
  type Pair,
  Parser,
  type Scalar,
  visit,
} from 'yaml';
import { limits } from '../../model/limits.ts';
import { twice, type YamlWords } from '../../model/text/yaml-words.ts';

/** Before it is parsed: the parser calls itself for each level. Null where all is well. */
export function unparsable(text: string): YamlWords | null {
  const nul = text.indexOf('\0');
  if (nul >= 0) return controlWords(text, nul);
  const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.exec(text);
  if (control) return controlWords(text, control.index);
  const offset = mayBeDeep(text) ? tooDeep(text) : null;
  if (offset === null) return null;
  const what = `more than ${limits.yamlDepth} maps and lists stand inside of each other`;
  return { what, hint: 'was it generated, or is it another file?', offset };
}

function controlWords(text: string, offset: number): YamlWords {
  const isNul = text[offset] === '\0';
  const isWide = isNul && (text[offset + 2] === '\0' || text[offset - 2] === '\0');
  if (isWide) return { what: 'this file is text in UTF-16', hint: 'save it as UTF-8', offset: 0 };
  const name = `\\x${text.charCodeAt(offset).toString(16).padStart(2, '0')}`;
  const what = isNul
    ? 'a NUL byte stands here: this is no text'
    : `the control character ${name} stands here, which YAML takes in no form`;
  return {
    what,
    hint: isNul ? 'is it the right file?' : `take it out; in double quotes ${name} stands for it`,
    offset,
  };
}

/** By what can be seen at once, whatever quotes are around it: brackets that stay open, and columns that a line begins in. */
function mayBeDeep(text: string): boolean {
  let [open, most] = [0, 0];
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (char === 0x5b || char === 0x7b) {
      if (++open > most) most = open;
    } else if (char === 0x5d || char === 0x7d) open--;
  }
  return most > limits.yamlDepth || indented.test(text);
}

const indented = new RegExp(`^(?: |[-?:] ){${limits.yamlDepth}}`, 'm');

/** Where it becomes too deep. This part of the parser keeps a stack of its own. */
function tooDeep(text: string): number | null {
  const parser = new Parser();
  for (const token of new Lexer().lex(text)) {
    for (const _ of parser.next(token));
    if (parser.stack.length > limits.yamlDepth) return parser.offset;
  }
  return null;
}

/**
 * Of documents without errors of syntax, which have places of their own. An alias may stand for what an earlier document names, as
 * Go's YAML has it. `hasTextKeys`: keys of another type are told.
 */
export function structureFaults(
  documents: readonly Document[],
  text: string,
  hasTextKeys = false,
): readonly YamlWords[] {
  const walk = new Walk(text, hasTextKeys);
  for (const { contents } of documents) walk.size(contents);
  return walk.faults;
}

/** Aliases are put in as what they stand for, which an earlier document may name; what this comes to has been measured. */
export function joinDocuments(documents: readonly Document[]): void {
  const named = new Map<string, Node>();
  // What is put in names nothing anew.
  const seen = new Set<unknown>();
  for (const document of documents)
    visit(document, {
      Node: (_, node) => {
        if (isAlias(node)) return named.get(node.source);
        const { anchor } = node as { anchor?: string };
        if (anchor && !seen.has(node)) named.set(anchor, node);
        seen.add(node);
        return undefined;
      },
    });
}

class Walk {
  readonly faults: YamlWords[] = [];
  /** By name, the last so far: how many values are inside; null while it is open. */
  private readonly anchors = new Map<string, { readonly node: Node; size: number | null }>();
  private named = 0;
  private readonly text: string;
  private readonly hasTextKeys: boolean;

  constructor(text: string, hasTextKeys: boolean) {
    this.text = text;
    this.hasTextKeys = hasTextKeys;
  }

  /** How many values a node stands for, itself among them. */
  size(node: unknown): number {
    if (isAlias(node)) return this.alias(node as Node & { readonly source: string });
    if (isPair(node)) return this.pair(node as Pair<Node, Node | null>);
    const { anchor } = (node ?? {}) as { anchor?: string };
    const known = anchor ? { node: node as Node, size: null as number | null } : null;
    if (known && anchor) this.anchors.set(anchor, known);
    if (isMap(node)) this.keysOf(node.items as readonly Pair<Node, Node | null>[]);
    const inside: readonly unknown[] = isCollection(node) ? node.items : [];
    const size = inside.reduce((sum: number, each) => sum + this.size(each), 1);
    if (known) known.size = size;
    return size;
  }

  /** The parser compares each key with all before it: a map of 100,000 would take minutes. */
  private keysOf(pairs: readonly Pair<Node, Node | null>[]): void {
    const seen = new Set<unknown>();
    for (const { key } of pairs) {
      if (!isScalar(key) || (key.source === '<<' && !this.hasTextKeys)) continue;
      if (this.hasTextKeys && key.source !== '<<' && typeof key.value !== 'string') this.noText(key);
      // Of << each has a value of its own.
      const name = key.source === '<<' ? '<<' : key.value;
      if (seen.has(name) && this.faults.length < limits.configProblems)
        this.faults.push({ ...twice(this.text, key.range?.[0] ?? 0), code: 'S101' });
      seen.add(name);
    }
  }

  private noText({ value, range }: Scalar): void {
    const shown = String(value).slice(0, 40);
    this.tell(`the key ${shown} is no text`, `write "${shown}"`, range?.[0] ?? 0);
  }

  private alias(node: Node & { readonly source: string }): number {
    const [from, to] = node.range ?? [0, 0];
    const target = this.anchors.get(node.source);
    const written = this.text.slice(from, to).trim();
    if (!target) {
      this.tell(
        `${written} is read as an alias, and there is no anchor &${written.slice(1)} before it`,
        `a text that begins with * stands in quotes: "${written}"`,
        from,
      );
      return 1;
    }
    if (target.size === null) this.tell('an alias inside of what it stands for', 'write out what is meant', from);
    this.named += target.size ?? 1;
    if (this.named > limits.yamlValues && this.named - (target.size ?? 1) <= limits.yamlValues)
      this.tell('its aliases multiply to too much', 'name less by aliases, or write it out', from);
    return target.size ?? 1;
  }

  private pair({ key, value }: Pair<Node, Node | null>): number {
    const at = key?.range?.[0] ?? 0;
    if (isCollection(key)) {
      const isTemplate = this.text.startsWith('{', at - 1) || this.text.startsWith('{{', at);
      if (isTemplate)
        this.tell(
          'a template stands here that nobody has rendered',
          'a chart is named with {helm: DIR}; a text with {{ stands in quotes',
          at,
        );
      else
        this.tell(
          `${isMap(key) ? 'a map' : 'a list'} stands where a key belongs`,
          'a key is a text; one that begins with [ or { stands in quotes',
          at,
        );
    }
    if (isScalar(key) && key.source === '<<' && !this.canBeMerged(value))
      this.tell('<< takes a map, or an alias of one', 'such as <<: *defaults', value?.range?.[0] ?? at);
    return this.size(key) + this.size(value);
  }

  private canBeMerged(value: unknown): boolean {
    const node = isAlias(value) ? this.anchors.get(value.source)?.node : value;
    // An alias of nothing is told as that.
    if (node === undefined && isAlias(value)) return true;
    return isMap(node) || (isSeq(node) && node.items.every((each) => !isSeq(each) && this.canBeMerged(each)));
  }

  private tell(what: string, hint: string, offset: number): void {
    if (this.faults.length < limits.configProblems) this.faults.push({ what, hint, offset });
  }
}
