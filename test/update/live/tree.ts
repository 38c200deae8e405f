// A source tree that changes at random, and what a watcher would report. All from one seed, so that a failure can be
// had again.
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { FileChange } from '../../../src/model/run.ts';

/** mulberry32: small, and the same everywhere. */
export function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4294967296) * below);
  };
}

const names = [
  'a',
  'b',
  'c.js',
  'with space',
  'back\\slash',
  "quo'te",
  '-dash',
  '.dot',
  'ümlaut',
  'line\nend',
  '$(id)',
  'x*',
];

/** Files and links below `dir`, each with what makes it differ from another. */
export function snapshot(dir: string, found = new Map<string, string>()): Map<string, string> {
  for (const name of readdirSync(dir)) {
    const path = join(dir, name);
    const stat = lstatSync(path);
    if (stat.isDirectory()) snapshot(path, found);
    else
      found.set(path, stat.isSymbolicLink() ? `l${readlinkSync(path)}` : `${stat.mode}${readFileSync(path, 'latin1')}`);
  }
  return found;
}

export function directories(dir: string): string[] {
  const below = readdirSync(dir, { withFileTypes: true }).filter((each) => each.isDirectory());
  return below.flatMap(({ name }) => [...directories(join(dir, name)), join(dir, name)]);
}

/** Undoes what a watcher of files reports nothing of: empty directories that came, or went, with no file of theirs. */
export function undoUnseen(dir: string, known: readonly string[], changes: readonly FileChange[]): void {
  const isSeen = (path: string) => changes.some((each) => each.path === path || each.path.startsWith(`${path}/`));
  for (const path of directories(dir))
    if (!known.includes(path) && !isSeen(path) && readdirSync(path).length === 0) rmdirSync(path);
  for (const path of [...known].sort())
    if (!isSeen(path) && !existsSync(path) && existsSync(dirname(path)) && lstatSync(dirname(path)).isDirectory())
      mkdirSync(path);
}

export function changesBetween(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
  change: number,
): FileChange[] {
  const removed = [...before.keys()]
    .filter((path) => !after.has(path))
    .map((path) => ({ path, kind: 'removed' as const, change }));
  const others = [...after].filter(([path, what]) => before.get(path) !== what);
  return [
    ...removed,
    ...others.map(([path]) => ({ path, kind: before.has(path) ? ('changed' as const) : ('added' as const), change })),
  ];
}

/** One step: write, remove, rename, link, mode, or a file where a directory was and the other way round. Says what. */
export function mutate(dir: string, random: (below: number) => number): string {
  const pick = <T>(list: readonly T[]): T => list[random(list.length)]!;
  const fresh = (): string => join(dir, ...Array.from({ length: 1 + random(3) }, () => pick(names)));
  const files = [...snapshot(dir).keys()];
  const some = files.length > 0 ? pick(files) : fresh();
  const clear = (path: string): void => {
    for (let up = dirname(path); up.length > dir.length; up = dirname(up))
      if (existsSync(up) || isLink(up)) if (isLink(up) || !lstatSync(up).isDirectory()) rmSync(up);
    rmSync(path, { recursive: true, force: true });
    mkdirSync(dirname(path), { recursive: true });
  };
  const write = (path: string): void => {
    clear(path);
    writeFileSync(path, `${random(1000)}`.repeat(1 + random(2000)));
  };
  const steps: Record<string, () => void> = {
    write: () => write(some),
    add: () => write(fresh()),
    remove: () => rmSync(some, { recursive: true, force: true }),
    'remove the directory of': () =>
      dirname(some) === dir
        ? rmSync(some, { recursive: true, force: true })
        : rmSync(dirname(some), { recursive: true, force: true }),
    rename: () => {
      const to = fresh();
      if (!existsSync(some) || to.startsWith(`${some}/`) || some.startsWith(`${to}/`) || to === some) return;
      clear(to);
      if (existsSync(some)) renameSync(some, to);
    },
    link: () => {
      const path = fresh();
      clear(path);
      symlinkSync(pick(['a', 'b', '../c.js', 'nowhere']), path);
    },
    mode: () => existsSync(some) && lstatSync(some).isFile() && chmodSync(some, pick([0o644, 0o755, 0o600])),
    'make a directory of': () => {
      clear(some);
      mkdirSync(some);
      writeFileSync(join(some, pick(names)), 'inside');
    },
  };
  const step = pick(Object.keys(steps));
  steps[step]!();
  return `${step} ${JSON.stringify(some)}`;
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink();
  } catch {
    return false;
  }
}
