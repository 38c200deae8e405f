// A git operation rewrites many files in some seconds; what builds meanwhile is a state that nobody wanted.
import { existsSync, type FSWatcher, readFileSync, statSync, watch } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const signs: Readonly<Record<string, string>> = {
  'index.lock': 'git holds its index lock',
  'rebase-merge': 'a rebase is running',
  'rebase-apply': 'a rebase is running',
  MERGE_HEAD: 'a merge is not finished',
};

/** Tells when an operation begins and ends, at first only if one is running. Gives a function that stops it. */
export function watchGit(dir: string, tell: (busy: boolean, because: string) => void): () => void {
  const git = gitDir(dir);
  if (!git) return () => {};
  let head = headOf(git);
  let told = '';
  const look = () => {
    const moved = headOf(git);
    if (moved !== head) {
      head = moved;
      tell(true, 'HEAD moved');
      if (told === '') tell(false, 'HEAD moved');
    }
    const because = Object.entries(signs).find(([name]) => existsSync(join(git, name)))?.[1] ?? '';
    if (because === told) return;
    tell(because !== '', because || told);
    told = because;
  };
  let watcher: FSWatcher | null = null;
  try {
    watcher = watch(git, look);
    watcher.on('error', () => watcher?.close());
  } catch {
    // Out of watches: builds may start in the middle of an operation, which costs time only.
  }
  look();
  return () => watcher?.close();
}

/** `.git` here or above; in a worktree or submodule it is a file that names the directory. */
export function gitDir(from: string): string | null {
  for (let dir = from; ; dir = dirname(dir)) {
    const path = join(dir, '.git');
    try {
      const stat = statSync(path, { throwIfNoEntry: false });
      if (stat?.isDirectory()) return path;
      const named = stat?.isFile() ? /^gitdir: (.+)$/m.exec(readFileSync(path, 'utf8'))?.[1] : undefined;
      if (named) return existsSync(resolve(dir, named)) ? resolve(dir, named) : null;
    } catch {
      // It may not be read, or its disk fails: git itself can do nothing with it then.
      return null;
    }
    if (dir === dirname(dir)) return null;
  }
}

function headOf(git: string): string {
  try {
    return readFileSync(join(git, 'HEAD'), 'utf8');
  } catch {
    return '';
  }
}
