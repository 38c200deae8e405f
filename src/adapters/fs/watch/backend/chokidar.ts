// Watching by chokidar 6, for directories only: it tells raw events of every file in a directory it watches, and knowing
// no files it needs a tenth of the memory. Which file changed is the index's business.
import { lstatSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { watch } from 'chokidar';
import type { StartBackend } from './backend.ts';

export const startChokidar: StartBackend = (roots, descends, events) => {
  const watched = new Set<string>();
  const isDirectory = (path: string) => lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  const watcher = watch([...roots], {
    followSymlinks: false,
    // Ours to judge: it would hold back deletions for 100 ms and hide editor files.
    atomic: false,
    ignored: (path: string, stats?: Stats) => {
      // Asked again without stats for each event and each parent. A deleted file must not pass for a directory here:
      // chokidar would list its whole parent again, for each of thousands.
      const known = stats ? stats.isDirectory() : watched.has(path) || isDirectory(path);
      return !known || !descends(path);
    },
  });
  watcher.on('addDir', (dir) => {
    watched.add(dir);
    // It tells a directory just before it subscribes to it, in the same turn; what we look at must be watched already.
    setImmediate(() => events.watched(dir));
  });
  watcher.on('unlinkDir', (dir) => {
    watched.delete(dir);
    events.touched(dir);
  });
  watcher.on('raw', (_event, name, details) => {
    const { watchedPath } = details as { watchedPath: string };
    events.touched(name ? join(watchedPath, name) : watchedPath);
  });
  watcher.on('error', (error) => {
    const failure = error as NodeJS.ErrnoException;
    events.failed(failure.path ?? null, failure);
  });
  const ready = new Promise<void>((resolve) => watcher.once('ready', resolve));
  const follow = (dir: string) => {
    if (!watched.has(dir) && isDirectory(dir) && descends(dir)) watcher.add(dir);
    return watched.has(dir);
  };
  return { ready, follow, close: () => watcher.close() };
};
