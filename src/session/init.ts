// `init`: a first sluice.yaml from what is in a directory. It is loaded before it is written: it works, or it is not written.
import { readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { createDisk } from '../adapters/fs/disk.ts';
import { createProc } from '../adapters/proc/proc.ts';
import { loadConfig } from '../config/load.ts';
import { type Problem, ProblemError } from '../model/problem.ts';
import { type Draft, draftText, emptyDraft } from './init-draft.ts';
import { matchImages } from './init-images.ts';
import { draftManifests } from './init-manifests.ts';
import { type Found, scan } from './init-scan.ts';
import { fromSkaffold } from './init-skaffold.ts';

export interface Initial {
  readonly file: string;
  readonly text: string;
  readonly resources: readonly string[];
  readonly notes: readonly string[];
}

/**
 * The text for `file`, an absolute path that need not exist. Rejects with a ProblemError where nothing is found to make one
 * from, or what is found cannot be made to work.
 */
export async function draftConfig(
  file: string,
  env: Readonly<Record<string, string | undefined>>,
  stop: AbortSignal,
): Promise<Initial> {
  const dir = dirname(file);
  const found = await scan(dir, stop);
  const without = new Set<string>();
  let problems: readonly Problem[] = [];
  // Each round leaves out what the one before stumbled over: a file that is no manifest after all, a renderer that is missing.
  for (let round = 0; round <= found.manifests.length + found.charts.length + found.kustomizations.length; round++) {
    const draft = await draftOf(dir, found, without);
    const text = draftText(draft);
    const loaded = await load(file, text, env, stop);
    if ('config' in loaded) return { file, text, resources: loaded.config.order, notes: draft.notes };
    problems = loaded.problems;
    const before = without.size;
    for (const problem of problems) for (const path of culprits(problem, dir, draft, found)) without.add(path);
    if (without.size === before) break;
  }
  const [first] = problems;
  throw new ProblemError(first ?? nothing(dir));
}

async function draftOf(dir: string, found: Found, without: ReadonlySet<string>): Promise<Draft> {
  const skaffold = found.skaffold
    ? fromSkaffold(await readFile(join(dir, found.skaffold), 'utf8'), found.skaffold)
    : null;
  const own = matchImages(dir, found);
  const manifests = draftManifests(found, without);
  const isKubernetes = (skaffold?.manifests ?? manifests.manifests).length > 0;
  const draft: Draft = {
    ...emptyDraft,
    ...(isKubernetes ? { images: own.images, manifests: manifests.manifests } : {}),
    ...(skaffold ?? {}),
    local: isKubernetes ? {} : Object.fromEntries(found.packages.map((each) => [each.name, serving(each)])),
    notes: [
      ...(skaffold?.notes ?? [...(isKubernetes ? own.notes : []), ...manifests.notes]),
      ...(found.compose ? [`${found.compose}: Compose files are not supported yet.`] : []),
      ...(found.isCut ? ['There is more here than was looked at.'] : []),
    ],
  };
  if (draft.manifests.length === 0 && Object.keys(draft.local).length === 0)
    throw new ProblemError(nothing(dir, found));
  return draft;
}

const serving = ({ dir, script }: Found['packages'][number]) => ({
  serve: `npm run ${script}`,
  ...(dir === '.' ? {} : { dir: `./${dir}` }),
});

const nothing = (dir: string, found?: Found): Problem => ({
  kind: 'yours',
  code: 'S653',
  what: found?.compose
    ? `in ${dir} there is only a Compose file (${found.compose}), which is not supported yet`
    : `in ${dir} there is nothing to make a configuration from: no Kubernetes manifests, no Skaffold file, no package.json with a script`,
  hint: 'write sluice.yaml by hand, for example: local: {web: {serve: npm start, deps: [src/]}}',
});

/** As if the text were there already. */
function load(file: string, text: string, env: Readonly<Record<string, string | undefined>>, stop: AbortSignal) {
  const disk = createDisk();
  const readText = (path: string): Promise<string> => (path === file ? Promise.resolve(text) : disk.readText(path));
  return loadConfig({ file, env }, { disk: { ...disk, readText }, proc: createProc() }, stop);
}

/** What a problem is about: a manifest file, or the renderer whose entry it stands at. */
function culprits(problem: Problem, dir: string, draft: Draft, found: Found): readonly string[] {
  const { at } = problem;
  if (!at) return [];
  const path = relative(dir, at.file);
  if (found.manifests.some(({ file }) => file === path)) return [path];
  if (!['S123', 'S124', 'S125'].includes(problem.code) && !problem.what.startsWith('output of')) return [];
  return draft.manifests.flatMap((entry) => {
    if (typeof entry === 'string') return [];
    const source = 'helm' in entry ? entry.helm : entry.kustomize;
    const isMeant = 'helm' in entry ? /helm/.test(problem.what) : /kustomize/.test(problem.what);
    return isMeant && (problem.code === 'S123' || problem.what.includes(basename(source))) ? [source] : [];
  });
}

/** Never overwrites: rejects with a ProblemError where the file is there. */
export async function writeConfig({ file, text }: Initial): Promise<void> {
  try {
    await writeFile(file, text, { flag: 'wx' });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'EEXIST')
      throw new ProblemError({ kind: 'yours', code: 'S655', what: `${file} cannot be written: ${message}` });
    throw new ProblemError(exists(file));
  }
}

export const exists = (file: string): Problem => ({
  kind: 'yours',
  code: 'S654',
  what: `${file} exists already, and is left as it is`,
  hint: 'see what would be written with --dry-run, or move it away',
});
