// The project's own files and import lines, for the tests on its shape.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));

export const textOf = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Paths of the project's files, tracked or new, relative to its root. What .gitignore names is left out. */
export function projectFiles(below: string, ending = ''): readonly string[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '--', below], {
    cwd: root,
    encoding: 'utf8',
  });
  return listed.split('\n').filter((path) => path !== '' && path.endsWith(ending) && existsSync(join(root, path)));
}

export interface Import {
  readonly from: string;
  /** Path in the project, or the name of a package. */
  readonly to: string;
  readonly isType: boolean;
}

const importLine = /(?:^|\n)\s*(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?'([^']+)'|\bimport\('([^']+)'\)/g;

/** Every import of a file, re-exports and dynamic ones included. */
export function importsOf(path: string): readonly Import[] {
  return [...textOf(path).matchAll(importLine)].map(([, type, named, dynamic]) => {
    const target = named ?? dynamic ?? '';
    const to = target.startsWith('.') ? relative(root, join(root, dirname(path), target)) : target;
    return { from: path, to, isType: type !== undefined };
  });
}
