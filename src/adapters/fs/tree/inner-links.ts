// Links among a set of files, found by names alone: no file is looked at.
import type { FileSet } from '../../../model/config.ts';
import { matcher, withoutSlash } from '../../../model/fileset.ts';
import { limits } from '../../../model/limits.ts';
import { childrenIn } from '../names.ts';
import { breathing } from '../scan.ts';

/** Absolute paths, at most `limits.innerLinks`. What cannot be read holds none. */
export async function innerLinks(files: FileSet): Promise<readonly string[]> {
  const belongs = matcher(files, { watching: true });
  const breather = breathing(limits.sliceMs);
  const links: string[] = [];
  const pending = [...new Set(files.roots.map(withoutSlash))];
  const seen = new Set(pending);
  while (pending.length > 0 && links.length < limits.innerLinks) {
    const dir = pending.pop()!;
    if (!belongs.mayDescend(dir)) continue;
    for (const child of childrenOr(dir)) {
      const path = dir === '/' ? `/${child.name}` : `${dir}/${child.name}`;
      if (child.isSymbolicLink() && belongs.has(path)) links.push(path);
      if (!child.isDirectory() || seen.has(path)) continue;
      seen.add(path);
      pending.push(path);
    }
    await breather();
  }
  return links.slice(0, limits.innerLinks);
}

function childrenOr(dir: string): ReturnType<typeof childrenIn> {
  try {
    return childrenIn(dir);
  } catch {
    return [];
  }
}
