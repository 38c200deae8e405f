// Sources of COPY and ADD as paths of the context: what they take in, with all that lies below it.
import { within } from '../../../model/dockerfile.ts';

/** Segments of a source; of `.` and `/` there are none: they are all of the context. */
export interface Source {
  readonly text: string;
  readonly segments: readonly string[];
}

export const sourceOf = (text: string): Source => ({ text, segments: within('/', text)!.split('/').filter(Boolean) });

/** Classes and escapes are not read here, nor what one star would not mean: what holds one is matched by nobody for certain. */
export const isOdd = ({ segments }: Source): boolean => segments.some((each) => /[[\]\\]|\*\*/.test(each));

export const hasWildcard = ({ segments }: Source): boolean => segments.some((each) => /[*?]/.test(each));

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

const begins = ({ segments }: Source, names: readonly string[], count: number): boolean =>
  segments.slice(0, count).every((segment, i) => fits(segment, names[i] ?? ''));

function fits(segment: string, name: string): boolean {
  if (!/[*?]/.test(segment)) return segment === name;
  const pattern = segment
    .replace(/[.+^${}()|]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${pattern}$`, 'su').test(name);
}
