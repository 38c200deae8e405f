// How the manifests that were found are named: a glob where a directory holds nothing else, a renderer where one is used.
import { basename, dirname } from 'node:path';
import type { Draft, ManifestDraft } from './init-draft.ts';
import type { Found } from './init-scan.ts';

type Manifests = Pick<Draft, 'manifests' | 'notes'>;

/** `without`: files that turned out to be unusable. */
export function draftManifests(found: Found, without: ReadonlySet<string>): Manifests {
  const files = found.manifests.map(({ file }) => file).filter((file) => !without.has(file));
  const globs = [...new Set(files.map(dirname))].flatMap((dir) =>
    globOrFiles(
      dir,
      files.filter((file) => dirname(file) === dir),
      found,
    ),
  );
  const kustomize = chosenOverlay(found.kustomizations.filter((dir) => !without.has(dir)));
  const charts = found.charts.filter((dir) => !without.has(dir) && !found.charts.some((other) => isIn(dir, other)));
  const manifests: ManifestDraft[] = [
    ...globs,
    ...(kustomize ? [{ kustomize }] : []),
    ...charts.map((helm) => ({ helm })),
  ];
  const others = found.kustomizations.filter((dir) => dir !== kustomize && !without.has(dir));
  return {
    manifests,
    notes: [
      ...(others.length > 0 && kustomize ? [`Other kustomizations: ${others.join(', ')}.`] : []),
      ...[...without].map((path) => `${path} was left out: it cannot be used as it is.`),
    ],
  };
}

function globOrFiles(dir: string, own: readonly string[], { yamls }: Found): readonly string[] {
  if (own.length < 2 || dir === '.') return own;
  return ['yaml', 'yml'].flatMap((ending) => {
    const all = yamls.filter((file) => dirname(file) === dir && file.endsWith(`.${ending}`));
    const mine = own.filter((file) => file.endsWith(`.${ending}`));
    return mine.length > 1 && mine.length === all.length ? [`${dir}/*.${ending}`] : mine;
  });
}

const isIn = (dir: string, other: string): boolean => dir !== other && (other === '.' || dir.startsWith(`${other}/`));

/** The one made for development, by its name; bases come last. */
function chosenOverlay(dirs: readonly string[]): string | null {
  const rank = (dir: string): number => {
    const name = basename(dir).toLowerCase();
    if (/^(dev|development|local)$/.test(name)) return 0;
    return name === 'base' ? 2 : 1;
  };
  return [...dirs].sort((a, b) => rank(a) - rank(b))[0] ?? null;
}
