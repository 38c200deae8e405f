// What an update in place has to do for one container, or why it cannot: pure, so that `explain` can show the same.
import type { FileSet, ImageBuild, ImageSpec, LiveRule } from '../../model/config.ts';
import { matcher, withoutFiles } from '../../model/fileset.ts';
import { isProblemError, type Problem, type SourcePos } from '../../model/problems/problem.ts';
import type { ContainersWork, ContainerTarget, FileChange, ImageWork } from '../../model/run.ts';
import { hits, syncRuleFor, targetOf, targetRoot } from './rules.ts';

/** A local path and its place in the container. What is on disk when it is carried out decides: copied, or deleted. */
export interface Mapped {
  readonly source: string;
  readonly target: string;
  /** Target directory of the rule: directories below it are kept as on disk, it and those above are left alone. */
  readonly top: string;
  /** The files of the image that owns it: what is ignored there is not copied with a directory either. */
  readonly files: FileSet;
  readonly build: ImageBuild;
  /** A whole directory, sent because its rule asks for it, not because it changed. */
  readonly isInitial: boolean;
  /** What the watcher saw beside other content: a directory itself, its permission bits, another type than before. */
  readonly change: Pick<FileChange, 'isDir' | 'remoded' | 'retyped'>;
}

export interface RunStep {
  readonly cmd: string;
  readonly at: SourcePos;
}

export interface LivePlan {
  readonly take: true;
  readonly copies: readonly Mapped[];
  readonly deletes: readonly Mapped[];
  readonly runs: readonly RunStep[];
  readonly restart: 'process' | 'container' | null;
  /** The rules that apply, with their places: `sync at sluice.yaml:9, restart at sluice.yaml:11`. Empty where there is nothing to do. */
  readonly because: string;
  /** Every change up to this id is inside afterwards. */
  readonly change: number;
  /** Nothing to do: all of it is inside already. */
  readonly isEmpty: boolean;
}

/** `problem` where the rules themselves are wrong: then nothing else is tried either. */
export interface NoLivePlan {
  readonly take: false;
  readonly because: string;
  readonly show: 'user' | 'debug';
  readonly problem?: Problem;
}

/** Plans the changes of `image` and of the images it is built from that are newer than the container's ledger. */
export function planLive(work: ContainersWork, image: ImageWork, container: Holding): LivePlan | NoLivePlan {
  try {
    return plan(work, image, container);
  } catch (error) {
    if (!isProblemError(error)) throw error;
    return { take: false, because: error.message, show: 'user', problem: error.problem };
  }
}

function plan(work: ContainersWork, image: ImageWork, container: Holding): LivePlan | NoLivePlan {
  const changed = newChanges(work, image, container.ledger).filter(
    ({ change }) => !isSettled(change, image, container),
  );
  const rules = rulesFor(image.spec, changed);
  if (changed.length > 0 && !rules.some((rule) => rule.is === 'sync' || (rule.is === 'restart' && rule.when)))
    return { take: false, because: `${image.spec.ref} has no sync rules`, show: 'debug' };
  const refused = fallback(rules, changed) ?? recipe(changed) ?? uncovered(image, rules, changed);
  if (refused) return refused;
  const mapped = (kinds: readonly FileChange['kind'][]) =>
    changed.flatMap((each) => (kinds.includes(each.change.kind) ? map(rules, each) : []));
  const first = container.isNew ? initial(work, image) : [];
  const isEmpty = changed.length === 0 && first.length === 0;
  return {
    take: true,
    copies: [...first, ...mapped(['added', 'changed'])],
    deletes: mapped(['removed']),
    runs: isEmpty ? [] : rules.flatMap((rule) => runOf(rule, changed)),
    restart: isEmpty ? null : restartOf(rules, changed),
    because: isEmpty ? '' : applied(rules, changed),
    change: work.change,
    isEmpty,
  };
}

type Holding = Pick<ContainerTarget, 'ledger' | 'isNew'> & Partial<Pick<ContainerTarget, 'freshAt'>>;

/** No build brings in what is built elsewhere: where no rule can either, a container that began afterwards is all there is. */
const isSettled = ({ change, path }: FileChange, { spec }: ImageWork, { freshAt = 0 }: Holding): boolean =>
  spec.build.is === 'elsewhere' &&
  change <= freshAt &&
  (syncRuleFor(spec.live, path) === null || spec.live.some((rule) => rule.is === 'fallback' && hits(rule.paths, path)));

interface Changed {
  readonly change: FileChange;
  /** Whose file it is. */
  readonly spec: ImageSpec;
}

/** A base that was built for another resource has none left to tell: the image built from it knows them as well. */
function newChanges(work: ContainersWork, image: ImageWork, ledger: number): readonly Changed[] {
  const owners = withBases(work, image);
  const newer = owners.flatMap(({ files }) => files).filter(({ change }) => change > ledger);
  const byPath = new Map<string, Changed>();
  for (const { spec } of owners) {
    const belongs = matcher(spec.watched ?? spec.files);
    for (const change of newer) {
      const before = byPath.get(change.path)?.change.change ?? 0;
      if (change.change >= before && belongs.has(change.path)) byPath.set(change.path, { change, spec });
    }
  }
  return [...byPath.values()];
}

/** The image after the images it is built from, near and far: their files are in its containers too. */
export function withBases(work: ContainersWork, image: ImageWork): readonly ImageWork[] {
  const wanted = new Set([image.spec.ref]);
  // Build order puts bases first, so one pass from the end finds them all.
  for (const each of [...work.images].reverse())
    if (wanted.has(each.spec.ref)) for (const base of each.spec.bases) wanted.add(base);
  return [...work.images.filter((each) => each !== image && wanted.has(each.spec.ref)), image];
}

function fallback(rules: readonly LiveRule[], changed: readonly Changed[]): NoLivePlan | null {
  for (const rule of rules) {
    if (rule.is !== 'fallback') continue;
    const hit = changed.find(({ change }) => hits(rule.paths, change.path));
    if (hit)
      return {
        take: false,
        because: `${shown(hit.change.path, rule.at)} matches fallback at ${place(rule.at)}`,
        show: 'user',
      };
  }
  return null;
}

/** No file of the program, also where a sync rule covers its place: another image comes of it. */
function recipe(changed: readonly Changed[]): NoLivePlan | null {
  const hit = changed.find(
    ({ change, spec }) => spec.build.is === 'dockerfile' && spec.build.recipe.includes(change.path),
  );
  if (!hit) return null;
  const { ref, at } = hit.spec;
  return { take: false, because: `${ref} is built by ${shown(hit.change.path, at)}`, show: 'user' };
}

/** What a build would put into the image. */
const carried = ({ build, files }: ImageSpec): FileSet =>
  build.is === 'dockerfile' ? withoutFiles(files, build.hidden) : files;

function uncovered({ spec }: ImageWork, rules: readonly LiveRule[], changed: readonly Changed[]): NoLivePlan | null {
  const file = changed.find(({ change }) => !isCovered(rules, change.path));
  if (!file) return null;
  return {
    take: false,
    because: `no sync rule of ${spec.ref} covers ${shown(file.change.path, spec.at)}`,
    show: 'user',
  };
}

const isCovered = (rules: readonly LiveRule[], path: string): boolean =>
  syncRuleFor(rules, path) !== null || isRestartedFor(rules, path);

/** Its own rules, and those of each base of which a file has changed that its own do not cover. */
function rulesFor({ live }: ImageSpec, changed: readonly Changed[]): readonly LiveRule[] {
  const own = live.filter(({ of }) => of === undefined);
  const bases = new Set(changed.flatMap(({ change, spec }) => (isCovered(own, change.path) ? [] : [spec.ref])));
  return bases.size === 0 ? own : live.filter(({ of }) => of === undefined || bases.has(of));
}

const isRestartedFor = (rules: readonly LiveRule[], path: string): boolean =>
  rules.some((rule) => rule.is === 'restart' && rule.when !== undefined && hits(rule.when, path));

function restartOf(rules: readonly LiveRule[], changed: readonly Changed[]): LivePlan['restart'] {
  for (const rule of rules) {
    if (rule.is !== 'restart') continue;
    const { when } = rule;
    if (when === undefined || changed.some(({ change }) => hits(when, change.path))) return rule.what;
  }
  return null;
}

/** Nowhere, where a rule only restarts for it. */
function map(rules: readonly LiveRule[], { change, spec }: Changed): readonly Mapped[] {
  const rule = syncRuleFor(rules, change.path);
  if (!rule) return [];
  const target = targetOf(rule, change.path);
  const mapped = {
    source: change.path,
    target,
    top: targetRoot(rule),
    files: rule.files ?? carried(spec),
    build: spec.build,
    isInitial: false,
    change,
  };
  return [mapped];
}

/** A container never updated before gets everything below the rules that ask for it. */
const initial = (work: ContainersWork, image: ImageWork): readonly Mapped[] =>
  image.spec.live.flatMap((rule) => {
    if (rule.is !== 'sync' || !rule.initial) return [];
    const { spec } = work.images.find((each) => each.spec.ref === rule.of) ?? image;
    const whole = {
      source: rule.from,
      target: targetOf(rule, rule.from),
      top: targetRoot(rule),
      files: rule.files ?? carried(spec),
      build: spec.build,
      isInitial: true,
      change: {},
    };
    return [whole];
  });

function runOf(rule: LiveRule, changed: readonly Changed[]): readonly RunStep[] {
  if (rule.is !== 'run') return [];
  const { when } = rule;
  const isDue = when === null || changed.some(({ change }) => hits(when, change.path));
  return isDue ? [{ cmd: rule.cmd, at: rule.at }] : [];
}

/** Rules that carry or follow these changes, in their order; at most three are named. */
function applied(rules: readonly LiveRule[], changed: readonly Changed[]): string {
  const syncs = new Set(changed.map(({ change }) => syncRuleFor(rules, change.path)));
  const used = rules.filter(
    (rule) =>
      (rule.is === 'sync' && (syncs.has(rule) || (changed.length === 0 && rule.initial))) ||
      (rule.is === 'restart' && restartOf([rule], changed) !== null) ||
      runOf(rule, changed).length > 0,
  );
  const named = used.slice(0, 3).map((rule) => `${rule.is} at ${place(rule.at)}`);
  return [...named, ...(used.length > 3 ? [`and ${used.length - 3} more`] : [])].join(', ');
}

/** A path as people write it: relative to the directory of the configuration. */
function shown(path: string, at: SourcePos): string {
  const dir = at.file.slice(0, at.file.lastIndexOf('/') + 1);
  return dir !== '' && path.startsWith(dir) ? path.slice(dir.length) : path;
}

const place = (at: SourcePos): string => `${at.file.slice(at.file.lastIndexOf('/') + 1)}:${at.line}`;
