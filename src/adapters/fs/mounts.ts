// File systems that give no events for changes made on the other side: network mounts, Windows drives in WSL, VM shares.
import { readFileSync } from 'node:fs';

export interface Mount {
  readonly dir: string;
  readonly type: string;
}

const silentType = /^(9p|nfs\d?|cifs|smb\w*|vboxsf|drvfs|prl_fs|virtiofs|fuse|fuse\.\S+|afs|ceph|glusterfs)$/;

/** Of this machine; none where there is no /proc (macOS tells of changes on its own mounts itself). */
export const mounts = (): readonly Mount[] => parseMounts(mountsText());

export function mountsText(): string {
  try {
    return readFileSync('/proc/mounts', 'utf8');
  } catch {
    return '';
  }
}

export function parseMounts(text: string): readonly Mount[] {
  return text.split('\n').flatMap((line) => {
    const [, dir, type] = line.split(' ');
    // Spaces and the like stand as octal escapes.
    return dir && type ? [{ dir: dir.replace(/\\([0-7]{3})/g, (_, octal) => charOf(octal)), type }] : [];
  });
}

const charOf = (octal: string): string => String.fromCharCode(Number.parseInt(octal, 8));

export const isAtOrBelow = (path: string, dir: string): boolean =>
  path === dir || path.startsWith(dir === '/' ? dir : `${dir}/`);

/** Tells of a path whether the file system it lies on is silent, and gives its type then. */
export function silence(all: readonly Mount[]): (path: string) => string | null {
  if (!all.some(({ type }) => silentType.test(type))) return () => null;
  // The longest mount point wins, of equal ones the last: it lies on top.
  const deepestFirst = all.toReversed().toSorted((a, b) => b.dir.length - a.dir.length);
  return (path) => {
    const type = deepestFirst.find(({ dir }) => isAtOrBelow(path, dir))?.type ?? '';
    return silentType.test(type) ? type : null;
  };
}
