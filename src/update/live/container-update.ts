// From a plan to what one container is asked to do. The disk decides: what a plan calls changed may be gone by now, and
// what was a directory may be a file.
import type { FileSet, ImageBuild } from '../../model/config.ts';
import type { DiskPort } from '../../model/ports.ts';
import { givenTo } from './given-attributes.ts';
import type { LivePlan, Mapped } from './steps.ts';
import type { Carried, SyncRequest } from './synclet/message.ts';

type Disk = Pick<DiskPort, 'list' | 'exists' | 'dirMode'>;

interface Found {
  readonly entry: Carried;
  readonly top: string;
  readonly build: ImageBuild;
}

/** Lists the files of the plan and tells what goes where; `container` is the name whose process is restarted. */
export async function requestOf(
  plan: LivePlan,
  container: string,
  disk: Disk,
  stop: AbortSignal,
): Promise<SyncRequest> {
  const wanted = [...plan.copies, ...plan.deletes];
  const found = await findAll(wanted, disk, stop);
  const missing = wanted.filter((each) => !each.isInitial && !found.has(each.source));
  const kept = [...found.values()];
  const files = kept.filter(({ entry }) => entry.type !== 'dir');
  const places = new Set(files.map(({ entry }) => `/${entry.path}`));
  // Where a file or link comes, what was below goes with the directory; through a link it would hit another place.
  const removed = missing.filter(({ target, top }) => !ancestors(target, top).some((dir) => places.has(dir)));
  const { gone, alive } = await parentsOf(removed, disk);
  const above = files.flatMap(({ entry, ...rule }) =>
    sourcesAbove({ ...rule, source: entry.source, target: `/${entry.path}` }),
  );
  const listed = new Map(kept.flatMap(({ entry }) => (entry.type === 'dir' ? [[`/${entry.path}`, entry]] : [])));
  const dirs = await withModes(listed, [...alive, ...above], disk);
  const tops = new Set(wanted.map(({ top }) => top));
  const dirPlaces = dirs.map(({ path }) => `/${path}`);
  return {
    unlinks: sorted(wanted.flatMap(({ change, target }) => (change.retyped && listed.has(target) ? [target] : []))),
    parents: dirPlaces.filter((dir) => !tops.has(dir)),
    // A directory goes when nothing is left in it: what a program has put there is not ours to delete.
    removes: sorted(removed.flatMap(({ target, change }) => (change.isDir ? [] : [target]))),
    emptied: sorted([...gone, ...removed.flatMap((each) => (isGoneDir(each) ? [each.target] : []))]).reverse(),
    // A directory whose last file is gone stays, empty, as on disk.
    dirs,
    entries: files.map(({ entry }) => entry),
    runs: plan.runs.map(({ cmd }) => cmd),
    restart: plan.restart === 'process' ? container : null,
  };
}

const isGoneDir = ({ change, target, top }: Mapped): boolean => change.isDir === true && target !== top;

/** Directories that belong in the container, outermost first: those listed, and those known by their place on disk alone. */
async function withModes(
  listed: ReadonlyMap<string, Carried>,
  others: readonly Dir[],
  disk: Disk,
): Promise<readonly Carried[]> {
  const all = new Map(listed);
  for (const { place, source, build } of others) {
    if (all.has(place)) continue;
    const mode = (await disk.dirMode(source)) ?? 0o755;
    all.set(place, {
      path: place.slice(1),
      type: 'dir',
      source,
      mode,
      size: 0,
      remode: false,
      given: givenTo(source, place, build),
    });
  }
  return [...all].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry);
}

/** What is on disk of these and below them, by source, with its place in the container. */
async function findAll(wanted: readonly Mapped[], disk: Disk, stop: AbortSignal): Promise<ReadonlyMap<string, Found>> {
  const bySource = new Map(wanted.map((each) => [each.source, each]));
  const bySet = new Map<FileSet, Mapped[]>();
  for (const each of bySource.values()) bySet.set(each.files, [...(bySet.get(each.files) ?? []), each]);
  const found = new Map<string, Found>();
  for (const [files, group] of bySet) {
    const sources = group.map(({ source }) => source);
    const entries = await disk.list(commonDir(sources), { ...files, roots: sources }, stop);
    for (const entry of entries) {
      const mapped = mappingOf(entry.source, bySource);
      if (!mapped) continue;
      const target = mapped.target === '/' ? '' : mapped.target;
      const path = (target + entry.source.slice(mapped.source.length)).slice(1);
      const remode = mapped.source === entry.source && mapped.change.remoded === true;
      if (path === '') continue;
      const given = givenTo(entry.source, `/${path}`, mapped.build);
      found.set(entry.source, { entry: { ...entry, path, remode, given }, top: mapped.top, build: mapped.build });
    }
  }
  return found;
}

/** The mapping of a path, or of the nearest directory above it that is mapped. */
function mappingOf(source: string, bySource: ReadonlyMap<string, Mapped>): Mapped | null {
  for (let path = source; path !== ''; path = dirOf(path)) {
    const mapped = bySource.get(path);
    if (mapped) return mapped;
  }
  return null;
}

interface Dir {
  readonly place: string;
  readonly source: string;
  readonly build: ImageBuild;
}

/** Directories of removed files below their rule's target: `gone` from disk too, or still `alive` there. */
async function parentsOf(removed: readonly Mapped[], disk: Disk): Promise<{ gone: string[]; alive: Dir[] }> {
  const exists = new Map<string, Promise<boolean>>();
  const gone: string[] = [];
  const alive: Dir[] = [];
  for (const each of removed) {
    for (const dir of sourcesAbove(each)) {
      if (!exists.has(dir.source)) exists.set(dir.source, disk.exists(dir.source));
      if (await exists.get(dir.source)) alive.push(dir);
      else gone.push(dir.place);
    }
  }
  return { gone, alive };
}

/** Directories above a target and below the rule's target directory, each with where it stands on disk. */
function sourcesAbove({ source, target, top, build }: Pick<Mapped, 'source' | 'target' | 'top' | 'build'>): Dir[] {
  let dir = source;
  return ancestors(target, top)
    .reverse()
    .map((place) => {
      dir = dirOf(dir);
      return { place, source: dir, build };
    });
}

/** Directories above a target and below the rule's target directory, outermost first. */
function ancestors(target: string, top: string): string[] {
  const above: string[] = [];
  for (let dir = dirOf(target); dir.length > top.length && dir !== ''; dir = dirOf(dir)) above.unshift(dir);
  return above;
}

function commonDir(paths: readonly string[]): string {
  let common = dirOf(paths[0]!);
  for (const path of paths) while (!path.startsWith(`${common}/`)) common = dirOf(common);
  return common === '' ? '/' : common;
}

const dirOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));
const sorted = (paths: readonly string[]): string[] => [...new Set(paths)].sort();
