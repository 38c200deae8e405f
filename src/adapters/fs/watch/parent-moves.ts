// What nobody tells of: a directory above one that is watched is renamed, a file system is mounted over it or taken off. The
// kernel's events speak of directories, and go with them; a path that leads to another one from now on has to be looked at.
import { statSync } from 'node:fs';
import { isAtOrBelow, mountsText, parseMounts } from '../mounts.ts';

export interface Ways {
  /** What is not as it was when this was made, in words; null where all is. Costs one look for each place. */
  changed(): string | null;
  /** Is this one of the places, and another one or none by now? */
  hasMoved(path: string): boolean;
}

/** `places` are directories, there or not; `concerns` tells which mount points below them matter. */
export function waysOf(places: readonly string[], concerns: (dir: string) => boolean): Ways {
  const before = new Map(places.map((dir) => [dir, identityOf(dir)]));
  const mountsIn = (text: string) =>
    parseMounts(text)
      .filter(({ dir }) => places.some((place) => isAtOrBelow(dir, place)) && concerns(dir))
      .map(({ dir, type }) => `${dir} ${type} ${identityOf(dir)}`)
      .join('\n');
  let text = mountsText();
  const mounted = mountsIn(text);
  return {
    changed() {
      for (const [dir, was] of before)
        if (identityOf(dir) !== was) return identityOf(dir) === '' ? `${dir} is not there` : `${dir} is another one`;
      const now = mountsText();
      if (now === text) return null;
      text = now;
      return mountsIn(now) === mounted ? null : 'what is mounted is another';
    },
    hasMoved: (path) => before.has(path) && before.get(path) !== identityOf(path),
  };
}

/** Which file or directory stands there: its file system and its number on it. */
function identityOf(path: string): string {
  try {
    const { dev, ino } = statSync(path);
    return `${dev}:${ino}`;
  } catch {
    return '';
  }
}
