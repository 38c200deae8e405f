// `{kustomize: DIR}`: built by kubectl or kustomize; what it is made of is followed roughly, to know what to watch.
import { dirname, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { limits } from '../../../model/limits.ts';
import type { SourcePos } from '../../../model/problems/problem.ts';
import { isDirectory, type Loading, readOr, watched } from '../../load-context.ts';
import { missing } from '../../values/near-path.ts';
import { parseSource } from '../../yaml/document.ts';
import { type Explained, renderedByAny } from './render.ts';

export async function kustomize(given: string, at: SourcePos, loading: Loading): Promise<string> {
  const dir = resolve(loading.dir, given);
  const real = await watched(dir, loading);
  await follow(real, new Set(), loading);
  const explain = () => explained(given, dir, at, loading);
  const ways = [
    { cmd: ['kubectl', 'kustomize', dir], name: `kubectl kustomize ${given}`, at, explain },
    { cmd: ['kustomize', 'build', dir], name: `kustomize build ${given}`, at, explain },
  ];
  return renderedByAny(
    ways,
    'neither kubectl nor kustomize was found',
    'install one of them, or put its directory on the PATH',
    loading,
  );
}

const fileNames = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

/** Its own programs name all they tried. What is a URL is theirs. */
async function explained(given: string, dir: string, at: SourcePos, loading: Loading): Promise<Explained | null> {
  const { disk } = loading;
  if (/:\/\/|^[\w.-]+@|^github\.com\//.test(given)) return null;
  if (!(await disk.exists(dir))) return missing('the directory', given, at, loading);
  if (!(await isDirectory(disk, dir)))
    return { why: `${given} is a file`, hint: `name the directory that it is in: {kustomize: ${dirname(given)}}` };
  const texts = await Promise.all(fileNames.map((name) => readOr(loading, join(dir, name))));
  const found = texts.findIndex((text) => text !== null);
  if (found < 0) {
    const hint = 'name a directory with one, or its files as a glob';
    return { why: `there is no kustomization.yaml in ${given}`, hint };
  }
  const [fault] = parseSource(texts[found] ?? '', join(dir, fileNames[found] ?? '')).problems;
  return fault
    ? { why: fault.what, ...(fault.hint ? { hint: fault.hint } : {}), ...(fault.at ? { at: fault.at } : {}) }
    : null;
}

const keys = ['resources', 'bases', 'components', 'configurations', 'crds', 'patchesStrategicMerge'];

/** Watches every other directory or file that it names. */
async function follow(dir: string, seen: Set<string>, loading: Loading): Promise<void> {
  if (seen.has(dir) || seen.size >= limits.kustomizations) return;
  seen.add(dir);
  const texts = await Promise.all(fileNames.map((name) => readOr(loading, resolve(dir, name))));
  const named = texts
    .flatMap((text) => (text === null ? [] : kustomizationPaths(text)))
    .map((path) => resolve(dir, path));
  for (const path of named)
    if (await loading.disk.exists(path)) {
      const real = await watched(path, loading);
      if (await isDirectory(loading.disk, real)) await follow(real, seen, loading);
    }
}

/** The directories and files that a kustomization names, without those that come over the net. */
export function kustomizationPaths(text: string): string[] {
  let value: unknown;
  try {
    value = parse(text, { maxAliasCount: limits.yamlAliases, logLevel: 'error' });
  } catch {
    return []; // Its own program says what is wrong with it.
  }
  if (typeof value !== 'object' || value === null) return [];
  const record = value as Readonly<Record<string, unknown>>;
  const lists = [
    ...keys.map((key) => record[key]),
    (Array.isArray(record.patches) ? record.patches : []).map(
      (patch: unknown) => (patch as { path?: unknown } | null)?.path,
    ),
  ];
  return lists
    .flat()
    .filter(
      (path): path is string =>
        typeof path === 'string' && path !== '' && !path.includes('://') && !path.includes('\n'),
    );
}
