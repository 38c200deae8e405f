// Which paths belong to a set of files. Ignore rules follow .dockerignore as BuildKit reads it: the last rule that
// matches a path or one of its parents wins, letter case counts, `**` spans directories.
import type { FileSet } from './config.ts';

export interface Matcher {
  /** Is this absolute path below a root (or a root itself) and ignored by no group? */
  has(path: string): boolean;
  /** Can anything that belongs to the set lie below this absolute directory? False lets a walk or watch skip it. */
  mayDescend(dir: string): boolean;
}

interface Rule {
  /** As written. */
  readonly text: string;
  readonly negative: boolean;
  readonly whole: RegExp;
  readonly segments: readonly string[];
}

interface Group {
  readonly base: string;
  /** What stands for the base in the rules, '' for nothing. */
  readonly at: string;
  readonly rules: readonly Rule[];
  /** Which rules match a directory or a parent of it: a child inherits them, so each directory is matched once. */
  readonly byDirectory: Map<string, Uint8Array>;
}

/** Directories remembered per group; forgotten together beyond it, so that endless new names cannot fill the memory. */
const rememberedDirectories = 50_000;

export interface MatcherOptions {
  /** The file system ignores letter case and Unicode form: roots and bases are compared that way. */
  readonly folds?: boolean;
  /** For watching: without version control and what editors write beside a file, which never is a change. */
  readonly watching?: boolean;
}

/** Our own notes (`.sluice`) belong to no set: an image would be new after each of our own writes. */
export function matcher(files: FileSet, { folds = false, watching = false }: MatcherOptions = {}): Matcher {
  const roots = rootsOf(files.roots, folds);
  const groups = files.filters.map(({ base, at = '', patterns }) => group(withoutSlash(base), at, patterns));
  const isNever = watching ? (path: string) => never.test(path) || editorTemp(path) : (path: string) => ours.test(path);
  const inRoot = (path: string) => roots.some(path, (relative) => relative === '' || !isNever(relative));
  const parts = files.parts?.map((part) => matcher(part, { folds, watching }));
  const inPart = (holds: (part: Matcher) => boolean) => parts === undefined || parts.some(holds);
  return {
    has: (path) =>
      inRoot(path) && !groups.some((each) => isIgnored(each, path, folds)) && inPart((part) => part.has(path)),
    mayDescend: (dir) =>
      (roots.lieBelow(dir) || (inRoot(dir) && !groups.some((each) => isClosed(each, dir, folds)))) &&
      inPart((part) => part.mayDescend(dir)),
  };
}

/** Without these files, whatever else it says of them. */
export const withoutFiles = (files: FileSet, paths: readonly string[]): FileSet =>
  paths.length === 0 ? files : { ...files, filters: [...files.filters, ...leavingOut(paths)] };

/** A group of its own for each file, which none of the others can take back. */
export const leavingOut = (paths: readonly string[]): FileSet['filters'] =>
  paths.map((path) => {
    const slash = path.lastIndexOf('/');
    return { base: path.slice(0, slash) || '/', patterns: [literal(path.slice(slash + 1))] };
  });

/** A path as a pattern that matches only itself. */
export const literal = (path: string): string =>
  path
    .replace(/[\\*?[\]]/g, '\\$&')
    .replace(/^[#!]/, '\\$&')
    .replace(/^\s|\s$/g, (space) => `[${space}]`);

interface Roots {
  /** Is `holds` true of what is left of a path below some root that is or holds it? */
  some(path: string, holds: (relative: string) => boolean): boolean;
  lieBelow(dir: string): boolean;
}

/** Looked up by the directories above a path: a thousand files saved at once are a thousand roots. */
function rootsOf(given: readonly string[], folds: boolean): Roots {
  const key = folds ? folded : (path: string) => path;
  const roots = new Set(given.map((root) => key(withoutSlash(root))));
  const above = new Set<string>();
  for (const root of roots) for (let dir = parentOf(root); dir !== null; dir = parentOf(dir)) above.add(dir);
  // Folding may change lengths, so the rest is cut by segments then.
  const below = (path: string, root: string): string => {
    if (root === '/') return path.slice(1);
    return folds ? path.split('/').slice(root.split('/').length).join('/') : path.slice(root.length + 1);
  };
  return {
    some(path, holds) {
      for (let dir: string | null = key(path); dir !== null; dir = parentOf(dir))
        if (roots.has(dir) && holds(below(path, dir))) return true;
      return false;
    },
    lieBelow: (dir) => above.has(key(dir)),
  };
}

function parentOf(path: string): string | null {
  if (path === '/') return null;
  const slash = path.lastIndexOf('/');
  return slash > 0 ? path.slice(0, slash) : slash === 0 ? '/' : null;
}

const ours = /(^|\/)\.sluice(\/|$)/;
const never = /(^|\/)\.(sluice|git)(\/|$)/;

const editorTempName =
  /^(4913|\.#.*|#.*#|.*~|\..*\.sw[pxon]|flymake_.*|.*___jb_(old|tmp)___|.*-go-tmp-umask|\.goutputstream-.*)$/;

/** Files that editors write beside the real one (JetBrains, emacs, vim, kate, go tools, gedit). */
export function editorTemp(path: string): boolean {
  return editorTempName.test(path.slice(path.lastIndexOf('/') + 1)) || /(^|\/)\.idea(\/|$)/.test(path);
}

/** A path as it is compared: `/a/` is `/a`. */
export const withoutSlash = (path: string): string =>
  path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;

const folded = (path: string): string => path.normalize('NFC').toLowerCase();

/** The part of `path` below `base` with `/`, '' where they are equal, null where it lies elsewhere. */
function below(path: string, base: string, folds: boolean): string | null {
  if (path === base) return '';
  if (path.startsWith(base) && (base === '/' || path[base.length] === '/')) {
    return path.slice(base === '/' ? 1 : base.length + 1);
  }
  if (!folds) return null;
  const [one, other] = [folded(path), folded(base)];
  if (one === other) return '';
  // Folding may change lengths, so the rest is cut by segments.
  return one.startsWith(`${other}/`) ? path.split('/').slice(base.split('/').length).join('/') : null;
}

function group(base: string, at: string, patterns: readonly string[]): Group {
  return { base, at, rules: patterns.flatMap(rule), byDirectory: new Map() };
}

function rule(line: string): Rule[] {
  let pattern = line.trim();
  if (pattern === '' || line.startsWith('#')) return [];
  const negative = pattern.startsWith('!');
  if (negative) pattern = pattern.slice(1).trim();
  const segments = cleanSegments(pattern);
  return segments.length === 0
    ? []
    : [{ text: line.trim(), negative, whole: expression(segments.join('/')), segments }];
}

/** Go's path.Clean without the leading slash, which .dockerignore does not mind. */
function cleanSegments(pattern: string): string[] {
  const kept: string[] = [];
  for (const segment of pattern.split('/')) {
    if (segment === '..' && kept.length > 0 && kept.at(-1) !== '..') kept.pop();
    else if (segment !== '' && segment !== '.') kept.push(segment);
  }
  return kept;
}

/** Why a rule is none that a builder takes, null for one that is: Go's `filepath.Match` decides. */
export function ruleFault(line: string): string | null {
  const pattern = line.trim().replace(/^!/, '').trim();
  if (pattern === '' || pattern.startsWith('#')) return null;
  if (/(^|[^\\])(\\\\)*\\$/.test(pattern)) return 'it ends with a backslash that escapes nothing';
  const open = /^(?:\\.|\[\^?(?:\\.|[^\]\\])+\]|[^[\\])*(\[)?/s.exec(pattern);
  if (open?.[1]) return 'a [ in it is never closed';
  return isExpression(cleanSegments(pattern).join('/')) ? null : 'a range in [] is in the wrong order';
}

function isExpression(pattern: string): boolean {
  try {
    new RegExp(sourceOf(pattern));
    return true;
  } catch {
    return false;
  }
}

/** A pattern that is no valid expression matches nothing. */
function expression(pattern: string): RegExp {
  try {
    return new RegExp(`^(?:${sourceOf(pattern)})$`, 's');
  } catch {
    return /(?!)/;
  }
}

/** A `**` that stands in the middle of a name, and a star in a set: nobody means them, and few are enough. */
const mostOdd = 2;

/**
 * As patternmatcher of moby compiles it, but for one thing: where several stars follow one another, the first place that fits one is
 * the place for it, since the next star takes whatever comes between. So it is taken for good (`(?=(?<x>…))\k<x>` never goes back),
 * and a name is matched in a time that grows with its length, not with its power of as many stars as there are.
 */
function sourceOf(pattern: string): string {
  let source = '';
  let [names, odd] = [0, 0];
  // Where the star of this segment, and the `**/`, begin that nothing has been taken for yet; -1 for none.
  let [star, deep] = [-1, -1];
  const taken = (from: number, lazy: string, greedy: string): void => {
    const name = `x${names++}`;
    source = `${source.slice(0, from)}(?=(?<${name}>${lazy}${source.slice(from + greedy.length)}))\\k<${name}>`;
  };
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i]!;
    const set = char === '[' ? /^\[(?:\\.|[^\]\\])*\*(?:\\.|[^\]\\])*\]/s.exec(pattern.slice(i))?.[0] : undefined;
    if (set !== undefined) {
      // A star in a set is one for moby, which reads no sets.
      source += odd++ < mostOdd ? set.replaceAll('**/', '(?:.*/)?').replaceAll('*', '[^/]*') : '(?!)';
      i += set.length - 1;
      [star, deep] = [-1, -1];
    } else if (char === '*' && pattern[i + 1] === '*') {
      const isOdd = i > 0 && pattern[i - 1] !== '/';
      const isSame = source.endsWith('(?:.*/)?');
      i += pattern[i + 2] === '/' ? 2 : 1;
      star = -1;
      if (i + 1 >= pattern.length) source += '.*';
      else if (!isSame) {
        if (deep >= 0 && !isOdd) taken(deep, '(?:.*?/)?', '(?:.*/)?');
        deep = source.length;
        source += isOdd && odd++ >= mostOdd ? '(?!)' : '(?:.*/)?';
      }
    } else if (char === '*') {
      if (star >= 0) taken(star, '[^/]*?', '[^/]*');
      star = source.length;
      source += '[^/]*';
    } else if (char === '?') source += '[^/]';
    else if (char === '\\') source += `\\${pattern[++i] ?? '\\'}`;
    else {
      if (char === '/') star = -1;
      source += '.+()|{}$'.includes(char) ? `\\${char}` : char;
    }
  }
  return source;
}

function matches(group: Group, path: string, isDirectory: boolean): Uint8Array {
  const known = isDirectory ? group.byDirectory.get(path) : undefined;
  if (known) return known;
  const slash = path.lastIndexOf('/');
  const parent = slash < 0 ? null : matches(group, path.slice(0, slash), true);
  const found = new Uint8Array(group.rules.length);
  group.rules.forEach((each, i) => {
    if (parent?.[i] || each.whole.test(path)) found[i] = 1;
  });
  if (isDirectory) {
    if (group.byDirectory.size >= rememberedDirectories) group.byDirectory.clear();
    group.byDirectory.set(path, found);
  }
  return found;
}

const lastMatch = (found: Uint8Array): number => found.lastIndexOf(1);

/** As the rules of a group call it, null for what does not concern them. */
function nameIn({ base, at }: Group, path: string, folds: boolean): string | null {
  const relative = below(path, base, folds);
  return relative === null || at === '' ? relative : relative === '' ? at : `${at}/${relative}`;
}

function isIgnored(group: Group, path: string, folds: boolean): boolean {
  const relative = nameIn(group, path, folds);
  if (!relative) return false;
  const last = lastMatch(matches(group, relative, false));
  return last >= 0 && !group.rules[last]!.negative;
}

/** Ignored, and no later `!` rule can match below. */
function isClosed(group: Group, dir: string, folds: boolean): boolean {
  const relative = nameIn(group, dir, folds);
  if (!relative) return false;
  const last = lastMatch(matches(group, relative, true));
  if (last < 0 || group.rules[last]!.negative) return false;
  const segments = relative.split('/');
  return !group.rules.slice(last + 1).some((each) => each.negative && mayMatchBelow(each, segments));
}

function mayMatchBelow(rule: Rule, dir: readonly string[]): boolean {
  for (const [i, segment] of dir.entries()) {
    const pattern = rule.segments[i];
    if (pattern === undefined) return false;
    if (pattern.includes('**')) return true;
    if (!expression(pattern).test(segment)) return false;
  }
  return rule.segments.length > dir.length;
}
