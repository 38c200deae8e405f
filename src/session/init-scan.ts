// What a project holds that a configuration can be made from. Bounded: a home directory is no project.
import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { parseObjects } from '../config/objects.ts';
import type { KubeObject } from '../model/config.ts';
import { limits } from '../model/limits.ts';

/** Every path is relative to the project directory. */
export interface Found {
  readonly dockerfiles: readonly string[];
  /** Files that hold Kubernetes objects and nothing else. */
  readonly manifests: readonly { readonly file: string; readonly objects: readonly KubeObject[] }[];
  /** Every YAML file: a glob must not take in what is no manifest. */
  readonly yamls: readonly string[];
  readonly kustomizations: readonly string[];
  readonly charts: readonly string[];
  readonly skaffold: string | null;
  readonly compose: string | null;
  /** Those with a script that serves. */
  readonly packages: readonly { readonly dir: string; readonly name: string; readonly script: string }[];
  /** Did it stop before the end? */
  readonly isCut: boolean;
}

const skipped = /^(\..*|node_modules|vendor|dist|build|target|__pycache__|venv)$/;
const isDockerfile = (name: string): boolean =>
  /^(Dockerfile|Containerfile)(\.[\w-]+)?$|\.(Dockerfile|dockerfile)$/.test(name) && !name.endsWith('.dockerignore');
const isKustomization = (name: string): boolean => /^(kustomization\.ya?ml|Kustomization)$/.test(name);

export async function scan(dir: string, stop: AbortSignal): Promise<Found> {
  const { files, isCut } = await walk(dir, stop);
  const named = (is: (name: string) => boolean): string[] => files.filter((file) => is(basename(file)));
  const dirs = (is: (name: string) => boolean): string[] => named(is).map(dirname);
  const charts = dirs((name) => name === 'Chart.yaml');
  const kustomizations = dirs(isKustomization);
  const yamls = named((name) => /\.ya?ml$/.test(name));
  // What a chart or a kustomization holds is rendered by its own program.
  const rendered = [...charts, ...kustomizations];
  const own = yamls.filter((file) => !rendered.some((each) => each === '.' || file.startsWith(`${each}/`)));
  const manifests = await Promise.all(own.map(async (file) => ({ file, objects: await objectsOf(join(dir, file)) })));
  return {
    dockerfiles: named(isDockerfile),
    manifests: manifests.filter(({ objects }) => objects.length > 0),
    yamls: own,
    kustomizations,
    charts,
    skaffold: files.find((file) => /^skaffold\.ya?ml$/.test(file)) ?? null,
    compose: files.find((file) => /^(docker-)?compose\.ya?ml$/.test(file)) ?? null,
    packages: (await Promise.all(named((name) => name === 'package.json').map((file) => packageOf(dir, file)))).flat(),
    isCut,
  };
}

async function walk(root: string, stop: AbortSignal): Promise<{ files: readonly string[]; isCut: boolean }> {
  const files: string[] = [];
  let seen = 0;
  for (const open = [root]; open.length > 0; ) {
    stop.throwIfAborted();
    const dir = open.shift() as string;
    const children = await readdir(dir, { withFileTypes: true }).catch(() => []);
    for (const child of children.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (++seen > limits.initEntries) return { files, isCut: true };
      const path = join(dir, child.name);
      if (child.isDirectory() && !skipped.test(child.name)) open.push(path);
      else if (child.isFile()) files.push(relative(root, path));
    }
  }
  return { files, isCut: false };
}

/** None where the file holds anything that is no object. */
async function objectsOf(file: string): Promise<readonly KubeObject[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  // Templates and other large data are not worth a look.
  if (text.length > limits.configBytes || !/^apiVersion:/m.test(text) || !/^kind:/m.test(text)) return [];
  const { objects, problems } = parseObjects(text, file);
  // Configuration of tools looks like an object: it has no place in a cluster.
  const isTool = objects.some(({ object }) => /^(skaffold|kind|ctlptl|k3d|config\.k8s)\b/.test(object.apiVersion));
  return problems.length > 0 || isTool ? [] : objects.map(({ object }) => object);
}

async function packageOf(root: string, file: string): Promise<Found['packages']> {
  try {
    const { name, scripts } = JSON.parse(await readFile(join(root, file), 'utf8'));
    const script = ['dev', 'start', 'serve'].find((each) => typeof scripts?.[each] === 'string');
    const dir = dirname(file);
    const called = dir === '.' ? String(name ?? basename(root)) : basename(dir);
    return script ? [{ dir, name: called.replace(/^@[^/]*\//, '').replace(/[^A-Za-z0-9._-]+/g, '-'), script }] : [];
  } catch {
    return [];
  }
}
