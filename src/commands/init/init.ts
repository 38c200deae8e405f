// `init`: a first sluice.yaml from what is in a directory. It is loaded before it is written, and what cannot be used is left
// out with the reason: a file that is written works.
import { writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname } from 'node:path';
import { createDisk } from '../../adapters/fs/disk.ts';
import { readKubeconfig } from '../../adapters/kube/access/kubeconfig.ts';
import { createProc } from '../../adapters/proc/proc.ts';
import { loadConfig } from '../../config/load.ts';
import { isProblemError, type Problem, ProblemError } from '../../model/problems/problem.ts';
import { chosenKustomizations, directories, wholeCharts } from './candidates.ts';
import { type Choice, choose } from './choice.ts';
import { type Draft, emptyDraft, type ManifestDraft, plain } from './draft.ts';
import { fitted } from './fit.ts';
import { matchImages } from './images.ts';
import { type Found, scan } from './scan.ts';
import { forwarded } from './skaffold/ports.ts';
import { fromSkaffold } from './skaffold/skaffold.ts';
import { type Trying, tryAll } from './trial.ts';

export interface Initial {
  readonly file: string;
  /** Null where nothing needs to be written, as a note says: a Compose file is all that there is. */
  readonly text: string | null;
  readonly resources: readonly string[];
  readonly notes: readonly string[];
}

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The text for `file`, an absolute path that need not exist. Rejects with a ProblemError where there is nothing to make one
 * from.
 */
export async function draftConfig(file: string, env: Env, stop: AbortSignal): Promise<Initial> {
  const dir = dirname(file);
  const found = await scan(dir, stop);
  const trying = { file, dir, env, namespace: null, stop };
  const draft = found.skaffold ? await withSkaffold(found.skaffold, found, trying) : await ofItsOwn(found, trying);
  if (isNothing(found) && Object.keys(draft.local).length === 0) {
    if (found.compose) return { file, text: null, resources: [], notes: [`${found.compose} is all that sluice needs`] };
    throw new ProblemError(nothing(dir));
  }
  const notes = found.compose
    ? [`${found.compose} is not in it: write compose: [${found.compose}] for its services to run too.`]
    : [];
  const {
    text,
    config,
    notes: all,
  } = await fitted({ ...draft, notes: [...draft.notes, ...notes] }, file, (written) => load(file, written, env, stop));
  return { file, text, resources: config.order, notes: all };
}

const isNothing = ({ skaffold, manifests, charts, kustomizations, notes }: Found): boolean =>
  !skaffold && [manifests, charts, kustomizations, notes].every(({ length }) => length === 0);

async function ofItsOwn(found: Found, trying: Trying): Promise<Draft> {
  const { manifests, objects, notes } = await itsManifests(found, trying);
  const own = manifests.length > 0 ? matchImages(trying.dir, found, objects) : emptyDraft;
  return {
    ...emptyDraft,
    images: own.images,
    manifests,
    local: manifests.length > 0 ? {} : servers(found),
    notes: [...notes, ...own.notes],
  };
}

async function itsManifests(found: Found, trying: Trying): Promise<Choice> {
  const { chosen, others } = chosenKustomizations(found.kustomizations);
  const renderers: ManifestDraft[] = [
    ...chosen.map((path) => ({ kustomize: plain(path) })),
    ...wholeCharts(found.charts).map((path) => ({ helm: plain(path) })),
  ];
  const tried = await tryAll(renderers, trying);
  const choice = choose([...tried.candidates, ...directories(found)], trying.namespace);
  const left = others.length > 0 ? [`Other kustomizations: ${others.join(', ')}.`] : [];
  return { ...choice, notes: [...left, ...tried.notes, ...choice.notes, ...found.notes] };
}

/** Where it deploys nothing, what was found here is taken. */
async function withSkaffold(path: string, found: Found, trying: Trying): Promise<Draft> {
  const around = { env: trying.env, context: currentContext(trying.env) };
  const { forwards, ...draft } = await fromSkaffold(trying.dir, path, around, trying.stop);
  const tried = await tryAll(draft.manifests, { ...trying, namespace: draft.namespace });
  const { manifests, objects, notes } =
    draft.manifests.length > 0 ? choose(tried.candidates, draft.namespace) : await itsManifests(found, trying);
  const leading = forwarded(
    forwards,
    objects.map(({ object }) => object),
  );
  return {
    ...draft,
    manifests,
    ports: leading.ports,
    notes: [...draft.notes, ...tried.notes, ...notes, ...leading.notes],
  };
}

const servers = ({ packages }: Found): Draft['local'] =>
  Object.fromEntries(
    packages.map(({ dir, name, script }) => [
      name,
      { serve: `npm run ${script}`, ...(dir === '.' ? {} : { dir: plain(`./${dir}`) }) },
    ]),
  );

function currentContext(env: Env): string | null {
  try {
    return readKubeconfig({ env, home: env.HOME ?? homedir() }).context;
  } catch (error) {
    if (!isProblemError(error)) throw error;
    return null;
  }
}

const nothing = (dir: string): Problem => ({
  kind: 'yours',
  code: 'S653',
  what: `in ${dir} there is nothing to make a configuration from: no Kubernetes manifests, no Skaffold file, no package.json with a script`,
  hint: 'write sluice.yaml by hand, for example: local: {web: {serve: npm start, deps: [src/]}}',
});

/** As if the text were there already. */
function load(file: string, text: string, env: Env, stop: AbortSignal) {
  const disk = createDisk();
  const readText = (path: string): Promise<string> => (path === file ? Promise.resolve(text) : disk.readText(path));
  return loadConfig({ file, env }, { disk: { ...disk, readText }, proc: createProc() }, stop);
}

/** Never overwrites: rejects with a ProblemError where the file is there. */
export async function writeConfig(file: string, text: string): Promise<void> {
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
