// Sources of COPY and ADD as paths of the context: what they take in, with all that lies below it.
import { within } from '../../../model/dockerfile.ts';

/** Segments of a source, and what each of them matches; of `.` and `/` there are none: they are all of the context. */
export interface Source {
  readonly text: string;
  readonly segments: readonly string[];
  readonly patterns: readonly (RegExp | null)[];
}

export function sourceOf(text: string): Source {
  const segments = within('/', text)!.split('/').filter(Boolean);
  return { text, segments, patterns: segments.map(patternOf) };
}

/** Stars, question marks, classes of single characters and of ranges (others may take in a slash, by Go's rules), and all else. */
const parts = /\*(?!\*)|\?|\[(?:\w-\w|[\w.[])+\]|[^*?[\\]/gsu;

/** By Go's filepath.Match; null where it is not certain to mean the same: escapes, other classes, more than one star. */
function patternOf(segment: string): RegExp | null {
  const found = segment.match(parts) ?? [];
  if (found.join('') !== segment) return null;
  const written = found.map((part) => {
    if (part === '*') return '.*';
    if (part === '?') return '.';
    return part.length > 2 ? `[${part.slice(1).replaceAll('[', '\\[')}` : part.replace(/[.+^${}()|\]/]/, '\\$&');
  });
  try {
    return new RegExp(`^${written.join('')}$`, 'su');
  } catch {
    return null; // A range that goes down.
  }
}

/** What holds one that is not read here is matched by nobody for certain. */
export const isOdd = ({ patterns }: Source): boolean => patterns.includes(null);

export const hasWildcard = ({ segments }: Source): boolean => segments.some((each) => /[*?[]/.test(each));

/** Is this path what the source names, or does it lie below? An odd one may name anything. */
export const takesIn = (source: Source, path: string): boolean => {
  const names = path.split('/');
  return isOdd(source) || (names.length >= source.segments.length && begins(source, names, source.segments.length));
};

/** Is this path exactly what it names? */
export const isNamed = (source: Source, path: string): boolean => {
  const names = path.split('/');
  return names.length === source.segments.length && begins(source, names, names.length);
};

/** May the way to what it names lead over this path? A link there leads to what has another name. */
export const leadsOver = (source: Source, path: string): boolean => {
  const names = path.split('/');
  return isOdd(source) || (names.length <= source.segments.length && begins(source, names, names.length));
};

const begins = ({ patterns }: Source, names: readonly string[], count: number): boolean =>
  patterns.slice(0, count).every((pattern, i) => pattern?.test(names[i] ?? ''));
