// Names as the disk has them. Text is quick to read; only where some of it turns out to be none, it is read once more as bytes.
import { type Dirent, readdirSync, readlinkSync } from 'node:fs';
import { isLossy, nameOf, osPath } from '../../model/text/raw-name.ts';

export type Child = Pick<Dirent, 'name' | 'isDirectory' | 'isSymbolicLink'>;

/** What is in a directory. Throws as readdir does. */
export function childrenIn(dir: string): readonly Child[] {
  const path = osPath(dir);
  const children = readdirSync(path, { withFileTypes: true });
  if (!children.some(({ name }) => isLossy(name))) return children;
  return readdirSync(path, { withFileTypes: true, encoding: 'buffer' }).map((child) => ({
    name: nameOf(child.name),
    isDirectory: () => child.isDirectory(),
    isSymbolicLink: () => child.isSymbolicLink(),
  }));
}

/** Where a link leads, as it is written. Throws as readlink does. */
export function targetOfLink(path: string): string {
  const target = readlinkSync(osPath(path));
  return isLossy(target) ? nameOf(readlinkSync(osPath(path), 'buffer')) : target;
}
