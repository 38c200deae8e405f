// All manifests of the configuration, read and rendered at the same time, in the order written.
import { basename, relative } from 'node:path';
import type { ManifestObject } from '../../model/config.ts';
import { limits } from '../../model/limits.ts';
import { leftToCluster, objectKey } from '../../model/manifests.ts';
import { isProblemError } from '../../model/problems/problem.ts';
import { allOver, type Loading } from '../load-context.ts';
import type { RawManifest } from '../schema/schema.ts';
import { placesOf } from '../values/place.ts';
import type { Path } from '../yaml/document.ts';
import type { Objects } from './objects.ts';
import { glob } from './readers/glob.ts';
import { helm } from './readers/helm.ts';
import { kustomize } from './readers/kustomize.ts';
import { rendered } from './readers/render.ts';

const sources = ['kustomize', 'helm', 'command'] as const;

export interface Manifests {
  readonly objects: readonly ManifestObject[];
  /** False when some could not be read: what seems to be missing may be in those. */
  readonly isComplete: boolean;
}

/** Never rejects for what is in the user's hands: problems go to the report. */
export async function manifests(raw: readonly RawManifest[], loading: Loading): Promise<Manifests> {
  const { report, namespace } = loading;
  const read = await allOver(raw.map((each, i) => readOne(each, ['kubernetes', 'manifests', i], loading)));
  loading.manifests.keep();
  const problems = read.flatMap((each) => each.problems);
  report.put(...problems);
  const names = releaseNames(raw);
  const given = read.flatMap(({ objects }, i) => objects.map((each) => ({ ...each, release: names[i] ?? '' })));
  const objects = leftToCluster(unique(given, loading, namespace));
  if (objects.length <= limits.manifestObjects)
    return { objects, isComplete: problems.length === 0 && !report.has(['kubernetes', 'manifests']) };
  report.add('S125', ['kubernetes', 'manifests'], `${objects.length} objects are more than ${limits.manifestObjects}`);
  return { objects: [], isComplete: false };
}

/** Of each entry: a chart by its name, files all together. No two entries bear the same one by accident. */
function releaseNames(raw: readonly RawManifest[]): readonly string[] {
  const names = raw.map((each) =>
    typeof each === 'string' ? 'manifests' : (each.name ?? basename(each.helm ?? each.kustomize ?? 'command')),
  );
  return names.map((name, i) => (typeof raw[i] !== 'string' && names.indexOf(name) < i ? `${name}-${i + 1}` : name));
}

async function readOne(raw: RawManifest, path: Path, loading: Loading): Promise<Objects> {
  const at = loading.report.at(path);
  try {
    if (typeof raw === 'string') return await glob(raw, at, loading);
    const [source, ...others] = sources.filter((key) => raw[key] !== undefined);
    if (!source || others.length > 0) {
      loading.report.add(
        'S103',
        path,
        source ? `one entry has ${source} and ${others.join(' and ')}` : 'this entry names no manifests',
        'give a glob, or one of kustomize, helm, command',
      );
      return { objects: [], problems: [] };
    }
    for (const place of await placesOf(loading.dir, raw.deps ?? [], loading)) loading.reads.addGlob(place);
    const [text, name] = await printed(raw, source, path, loading);
    return loading.manifests.read(text, name, at);
  } catch (error) {
    if (!isProblemError(error)) throw error;
    return { objects: [], problems: [{ at, ...error.problem }] };
  }
}

async function printed(
  raw: Exclude<RawManifest, string>,
  source: (typeof sources)[number],
  path: Path,
  loading: Loading,
): Promise<readonly [string, string]> {
  const at = loading.report.at(path);
  if (source === 'kustomize')
    return [await kustomize(raw.kustomize ?? '', at, loading), `output of kustomize ${raw.kustomize}`];
  if (source === 'helm') return [await helm(raw.helm ?? '', raw, path, loading), `output of helm template ${raw.helm}`];
  return [await rendered({ cmd: raw.command ?? '', name: 'command', at }, loading), 'output of command'];
}

/** The first of each object; another one of the same name is told. */
function unique(
  objects: readonly ManifestObject[],
  { dir, report }: Loading,
  namespace: string | null,
): ManifestObject[] {
  const seen = new Map<string, ManifestObject>();
  for (const each of objects) {
    const key = objectKey(each.object, namespace);
    const before = seen.get(key);
    if (!before) seen.set(key, each);
    else {
      const { kind, metadata } = each.object;
      const what = `${kind} ${metadata.name} stands in two manifests`;
      report.put({
        kind: 'yours',
        code: 'S122',
        what,
        hint: `take one of them out; the other one stands at ${relative(dir, before.at.file)}:${before.at.line}`,
        at: each.at,
      });
    }
  }
  return [...seen.values()];
}
