// Manifest files by glob.
import { join, relative, resolve } from 'node:path';
import picomatch from 'picomatch';
import { limits } from '../../model/limits.ts';
import { isAbort, ProblemError, type SourcePos } from '../../model/problem.ts';
import { staticPart } from '../fileset.ts';
import { isDirectory, type Loading } from '../loading.ts';
import { type Objects, parseObjects } from '../objects.ts';

/** Rejects with a problem when nothing matches or a file cannot be read. */
export async function glob(pattern: string, at: SourcePos, loading: Loading): Promise<Objects> {
  const { reads, disk } = loading;
  const { path, base, isGlob } = staticPart(resolve(loading.dir, pattern));
  if (isGlob) reads.addGlob(path, base);
  else reads.add(path);
  const files = isGlob ? await matching(path, base, loading) : [path];
  if (files.length === 0) throw missing(`no file matches ${pattern}`, 'paths are relative to sluice.yaml', at);
  const read = await Promise.all(files.map((file) => objectsOf(file, pattern, at, loading)));
  return { objects: read.flatMap(({ objects }) => objects), problems: read.flatMap(({ problems }) => problems) };

  async function objectsOf(file: string, given: string, place: SourcePos, { dir }: Loading): Promise<Objects> {
    if (!isGlob && (await isDirectory(disk, file)))
      throw missing(`${given} is a directory`, `write ${join(given, '*.yaml')}, or {kustomize: ${given}}`, place);
    try {
      const text = (await disk.readText(file)).replace(/^\uFEFF/, '');
      if (text.length > limits.manifestBytes)
        throw missing(
          `${relative(dir, file)} is larger than ${limits.manifestBytes >> 20} MB`,
          'no cluster takes such an object',
          place,
        );
      return parseObjects(text, file);
    } catch (error) {
      if (isAbort(error) || (error instanceof ProblemError && error.problem.at)) throw error;
      throw missing(`${given} cannot be read`, 'paths are relative to sluice.yaml', place);
    }
  }
}

async function matching(path: string, base: string, { disk, stop }: Loading): Promise<string[]> {
  const isMatch = picomatch(path);
  // The walk knows ignore rules only: it goes as deep as the glob does, and picomatch chooses among what it found.
  const segments = relative(base, path)
    .split('/')
    .map((segment) => (/[{}()[\]+@!|\\]/.test(segment) ? '*' : segment));
  const entries = await disk.list(
    base,
    { roots: [base], filters: [{ base, patterns: ['**', `!${segments.join('/')}`] }] },
    stop,
  );
  return entries.filter(({ type, source }) => type !== 'dir' && isMatch(source)).map(({ source }) => source);
}

const missing = (what: string, hint: string, at: SourcePos): ProblemError =>
  new ProblemError({ kind: 'yours', code: 'S120', what, hint, at });
