// The files of a project, level by level, without what is not its own.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { limits } from '../../model/limits.ts';

export interface Walked {
  /** Relative to where the walk began. */
  readonly files: readonly string[];
  /** Only so many directories deep, null where all was seen. */
  readonly depth: number | null;
}

/** What tools made or fetched. */
const made = /^(\..+|node_modules|bower_components|dist|build|target|out|__pycache__|s?venv|pods)$/i;
/** What shows, tests or explains the project, and what others wrote. */
const shown =
  /^(_?examples?|_?samples?|docs?|documentation|site|website|vendor(ed)?|third[-_]?part(y|ies)|(.*[-_])?(tests?|e2e)|tests?[-_].*|testing|testdata|__tests__|fixtures?|__fixtures__)$/i;

const isForeign = (name: string): boolean => made.test(name) || shown.test(name);

/**
 * A level that would be too much is left out whole: half of a directory's neighbours would be taken by the accident of
 * their names. Bounded: a home directory is no project.
 */
export async function walk(root: string, stop: AbortSignal, isSkipped = isForeign): Promise<Walked> {
  const files: string[] = [];
  let seen = 0;
  let level = [''];
  for (let depth = 0; level.length > 0; depth++) {
    const [found, next]: [string[], string[]] = [[], []];
    for (const dir of level) {
      stop.throwIfAborted();
      const children = await readdir(join(root, dir), { withFileTypes: true }).catch(() => []);
      seen += children.length;
      if (seen > limits.initEntries) return { files, depth };
      for (const child of children.sort((a, b) => (a.name < b.name ? -1 : 1))) {
        const path = join(dir, child.name);
        if (child.isDirectory() && !isSkipped(child.name)) next.push(path);
        else if (child.isFile()) found.push(path);
      }
    }
    files.push(...found);
    level = next;
  }
  return { files, depth: null };
}
