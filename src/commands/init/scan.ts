// What a project holds that a configuration can be made from.
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { parseObjects } from '../../config/manifests/objects.ts';
import { kustomizationPaths } from '../../config/manifests/readers/kustomize.ts';
import type { ManifestObject } from '../../model/config.ts';
import { limits } from '../../model/limits.ts';
import { leftOut } from './draft.ts';
import { walk } from './walk.ts';

/** Every path is relative to the project directory. */
export interface Found {
  readonly dockerfiles: readonly string[];
  /** Files that hold Kubernetes objects and nothing else. */
  readonly manifests: readonly { readonly file: string; readonly objects: readonly ManifestObject[] }[];
  /** Every YAML file: a glob must not take in what is no manifest. */
  readonly yamls: readonly string[];
  readonly kustomizations: readonly Kustomization[];
  readonly charts: readonly string[];
  readonly skaffold: string | null;
  readonly compose: string | null;
  /** Those with a script that serves. */
  readonly packages: readonly { readonly dir: string; readonly name: string; readonly script: string }[];
  /** What looked like something and cannot be used. */
  readonly notes: readonly string[];
}

export interface Kustomization {
  readonly dir: string;
  /** Directories and files that it names. */
  readonly names: readonly string[];
  /** A part of others, which cannot be built alone. */
  readonly isComponent: boolean;
}

const isDockerfile = (name: string): boolean =>
  /^(Dockerfile|Containerfile)(\.[\w-]+)?$|\.(Dockerfile|dockerfile)$/.test(name) && !name.endsWith('.dockerignore');
const isKustomization = (name: string): boolean => /^(kustomization\.ya?ml|Kustomization)$/.test(name);

export async function scan(dir: string, stop: AbortSignal): Promise<Found> {
  const { files, depth } = await walk(dir, stop);
  const named = (is: (name: string) => boolean): string[] => files.filter((file) => is(basename(file)));
  const charts = named((name) => name === 'Chart.yaml').map(dirname);
  const kustomizations = await each(named(isKustomization), stop, (file) => kustomizationOf(dir, file));
  // What a chart or a kustomization holds is rendered by its own program.
  const rendered = [...charts, ...kustomizations.map((kustomization) => kustomization.dir)];
  const yamls = named((name) => /\.ya?ml$/.test(name)).filter((file) => !rendered.some((held) => isIn(file, held)));
  const read = await each(yamls, stop, async (file) => ({ file, ...(await manifestIn(join(dir, file))) }));
  return {
    dockerfiles: named(isDockerfile),
    manifests: read.filter(({ objects }) => objects.length > 0),
    yamls,
    kustomizations,
    charts,
    skaffold: files.find((file) => /^skaffold\.ya?ml$/.test(file)) ?? null,
    compose: files.find((file) => /^(docker-)?compose\.ya?ml$/.test(file)) ?? null,
    packages: (
      await each(
        named((name) => name === 'package.json'),
        stop,
        (file) => packageOf(dir, file),
      )
    ).flat(),
    notes: [
      ...read.flatMap(({ file, reason }) => (reason ? [leftOut(file, reason)] : [])),
      ...(depth === null
        ? []
        : [`Looked at ${depth} directories deep only: there is more than ${limits.initEntries}.`]),
    ],
  };
}

/** Is it this directory or below it? */
export const isIn = (path: string, dir: string): boolean => dir === '.' || path === dir || path.startsWith(`${dir}/`);

/** One after the other: a large project has more files than may be open at once. */
async function each<T>(files: readonly string[], stop: AbortSignal, read: (file: string) => Promise<T>): Promise<T[]> {
  const all: T[] = [];
  for (const file of files) {
    stop.throwIfAborted();
    all.push(await read(file));
  }
  return all;
}

interface Manifest {
  readonly objects: readonly ManifestObject[];
  /** Why a file that looks like a manifest is none. */
  readonly reason: string | null;
}

const nothing: Manifest = { objects: [], reason: null };
/** Configuration of tools looks like an object: it has no place in a cluster. */
const tools =
  /^(skaffold|kind\.x-k8s\.io|ctlptl|k3d|.*\.config\.k8s\.io|kubeadm\.k8s\.io|audit\.k8s\.io|eksctl\.io|backstage\.io|kpt\.dev|kuttl\.dev|krew\.googlecontainertools|chainsaw\.kyverno\.io)\b/;

async function manifestIn(file: string): Promise<Manifest> {
  const text = await readFile(file, 'utf8').catch(() => '');
  if (!/^\s*"?apiVersion"?:/m.test(text) || !/^\s*"?kind"?:/m.test(text)) return nothing;
  // Larger ones are data.
  if (text.length > limits.configBytes) return { objects: [], reason: 'it is too large to be looked at' };
  const { objects, problems } = parseObjects(text, file);
  const [problem] = problems;
  if (objects.some(({ object }) => tools.test(object.apiVersion))) return nothing;
  // Values and workflows may hold such keys inside.
  if (problem && objects.length === 0 && !/^apiVersion:/m.test(text)) return nothing;
  if (problem && isTemplate(text)) return { objects: [], reason: 'it is a template' };
  return problem
    ? { objects: [], reason: `${problem.what}, line ${problem.at?.line ?? 1}` }
    : { objects, reason: null };
}

const isTemplate = (text: string): boolean => /\{\{|<%|\{%/.test(text);

async function kustomizationOf(root: string, file: string): Promise<Kustomization> {
  const dir = dirname(file);
  const text = await readFile(join(root, file), 'utf8').catch(() => '');
  const names = kustomizationPaths(text).map((path) => join(dir, path).replace(/(.)\/$/, '$1'));
  return { dir, names, isComponent: /^kind:\s*Component\b/m.test(text) };
}

async function packageOf(root: string, file: string): Promise<Found['packages']> {
  try {
    const { name, scripts } = JSON.parse(await readFile(join(root, file), 'utf8'));
    const script = ['dev', 'start', 'serve'].find((key) => typeof scripts?.[key] === 'string');
    const dir = dirname(file);
    const called = dir === '.' ? String(name ?? basename(root)) : basename(dir);
    return script ? [{ dir, name: called.replace(/^@[^/]*\//, '').replace(/[^A-Za-z0-9._-]+/g, '-'), script }] : [];
  } catch {
    return [];
  }
}
