// Where a path leads. Each link on the way is a name that can be given to something else at any moment.
import { realpathSync } from 'node:fs';
import { dirname, join, parse } from 'node:path';
import type { Followed } from '../../model/ports.ts';
import { osPath } from '../../model/text/raw-name.ts';
import { targetOfLink } from './names.ts';

/** As many as Linux follows (MAXSYMLINKS). */
const mostLinks = 40;

/** What does not exist is taken as it is named, so that a link to nowhere leads to where its target will be. */
export function follow(path: string): Followed {
  if (realPath(path) === path) return { real: path, links: [] };
  const links = new Set<string>();
  let real = parse(path).root;
  const rest = namesIn(path);
  for (let left = mostLinks; rest.length > 0; ) {
    const name = rest.shift()!;
    const at = name === '..' ? dirname(real) : join(real, name);
    const target = name === '..' ? null : targetOf(at);
    if (target !== null) links.add(at);
    // In a circle a path leads nowhere: it is its own link.
    if (target === null || left-- === 0) real = at;
    else {
      if (parse(target).root !== '') real = parse(target).root;
      rest.unshift(...namesIn(target));
    }
  }
  return { real, links: [...links] };
}

const namesIn = (path: string): string[] =>
  path
    .slice(parse(path).root.length)
    .split('/')
    .filter((name) => name !== '' && name !== '.');

function realPath(path: string): string | null {
  try {
    return realpathSync.native(osPath(path));
  } catch {
    return null;
  }
}

function targetOf(path: string): string | null {
  try {
    return targetOfLink(path);
  } catch {
    return null;
  }
}
