// What could be deployed of what was found, the likelier first: overlays for development, charts, directories of manifests.
import { basename, dirname } from 'node:path';
import type { ManifestObject } from '../../model/config.ts';
import { type ManifestDraft, plain } from './draft.ts';
import { type Found, isIn, type Kustomization } from './scan.ts';

/** Objects that belong together: taken together or not at all. */
export interface Candidate {
  /** As it is called in a note. */
  readonly name: string;
  readonly parts: readonly Part[];
  /** How these parts are named in the configuration. */
  entries(kept: readonly Part[]): readonly ManifestDraft[];
}

/** A file, or all that a renderer prints. */
export interface Part {
  readonly name: string;
  readonly objects: readonly ManifestObject[];
}

const environments =
  /^(default|dev|devel|development|local|minikube|kind|staging|stage|qa|uat|prod|production|live|base)$/i;

/** Lower is likelier to be meant for development. */
function rankOf(dir: string): number {
  const names = dir.split('/');
  if (names.some((name) => /^(prod|production|live|staging|stage|uat|qa|releases?|bundles?|generated)$/i.test(name)))
    return 3;
  if (/^base$/i.test(basename(dir))) return 4;
  if (names.some((name) => /^(dev|devel|development|local)$/i.test(name))) return 0;
  return /^default$/i.test(basename(dir)) ? 1 : 2;
}

const depthOf = (dir: string): number => (dir === '.' ? 0 : dir.split('/').length);
const byRank = (a: string, b: string): number =>
  rankOf(a) - rankOf(b) || depthOf(a) - depthOf(b) || (a < b ? -1 : Number(a !== b));

/** Of each family of kustomizations one, and those that were not chosen. */
export function chosenKustomizations(all: readonly Kustomization[]): {
  readonly chosen: readonly string[];
  readonly others: readonly string[];
} {
  const named = new Set(all.flatMap(({ names }) => names));
  const whole = all.filter(({ dir, isComponent }) => !isComponent && !named.has(dir));
  const chosen: Kustomization[] = [];
  for (const each of whole.toSorted((a, b) => byRank(a.dir, b.dir)))
    if (!chosen.some((other) => isFamily(each, other, all))) chosen.push(each);
  const dirs = chosen.map(({ dir }) => dir);
  return { chosen: dirs, others: whole.map(({ dir }) => dir).filter((dir) => !dirs.includes(dir)) };
}

/** Made from the same parts, or beside one that bears the name of an environment. */
function isFamily(a: Kustomization, b: Kustomization, all: readonly Kustomization[]): boolean {
  const [mine, other] = [reach(a, all), reach(b, all)];
  if ([...mine].some((path) => other.has(path))) return true;
  return dirname(a.dir) === dirname(b.dir) && [a, b].some(({ dir }) => environments.test(basename(dir)));
}

function reach(from: Kustomization, all: readonly Kustomization[]): ReadonlySet<string> {
  const seen = new Set([from.dir]);
  for (const dir of seen) for (const name of all.find((each) => each.dir === dir)?.names ?? []) seen.add(name);
  return seen;
}

/** Charts that are no part of another. */
export const wholeCharts = (charts: readonly string[]): readonly string[] =>
  charts.filter((dir) => !charts.some((other) => other !== dir && isIn(dir, other))).toSorted(byRank);

/** Manifest files by directory; those beside the configuration each for itself. */
export function directories({ manifests, yamls }: Found): readonly Candidate[] {
  const parts = manifests.map(({ file, objects }) => ({ name: file, objects }));
  const names = [...new Set(parts.map(({ name }) => (dirname(name) === '.' ? name : dirname(name))))];
  const rank = (name: string): string => (parts.some((part) => part.name === name) ? '.' : name);
  return names
    .toSorted((a, b) => byRank(rank(a), rank(b)))
    .map((name) => ({
      name,
      parts: parts.filter((part) => part.name === name || dirname(part.name) === name),
      entries: (kept) =>
        globOrFiles(
          name,
          kept.map((part) => part.name),
          yamls,
        ),
    }));
}

function globOrFiles(dir: string, own: readonly string[], yamls: readonly string[]): readonly string[] {
  const written = (files: readonly string[]): string[] => files.map((file) => plain(escaped(file)));
  if (own.length < 2) return written(own);
  return ['yaml', 'yml'].flatMap((ending) => {
    const all = yamls.filter((file) => dirname(file) === dir && file.endsWith(`.${ending}`));
    const mine = own.filter((file) => file.endsWith(`.${ending}`));
    return mine.length > 1 && mine.length === all.length ? [plain(`${escaped(dir)}/*.${ending}`)] : written(mine);
  });
}

/** A name that is no pattern. */
const escaped = (path: string): string => path.replace(/[*?[\]{}()!+@\\]/g, '\\$&');
