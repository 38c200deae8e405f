// Several Compose files as one: what each extends, what it includes, and the later ones laid over the earlier ones.

import { dirname } from 'node:path';
import { lookup } from '../../model/lookup.ts';
import { hintFor } from '../../model/nearest.ts';
import type { Problem } from '../../model/problem.ts';
import type { Variables } from '../expand.ts';
import { isDirectory } from '../load-context.ts';
import { envFilesOf } from './files/env-files.ts';
import { isMap, type Values } from './forms/forms.ts';
import { isRemote, pathFrom } from './forms/quantities.ts';
import { type Layer, type Piece, type Reading, readLayer, type Section, sections, tell } from './layer.ts';
import { merged, without } from './merge.ts';

export type Pieces = Readonly<Record<Section, Map<string, Piece>>>;

export interface Model extends Pieces {
  readonly name: string | null;
  /** `x-…` of the files. */
  readonly extensions: Values;
}

export interface Files {
  readonly paths: readonly string[];
  /** Of the project: what the files' paths are relative to. */
  readonly dir: string;
  readonly variables: Variables;
  /** Files that include these, outermost first. */
  readonly chain: readonly string[];
  readonly told?: Pick<Problem, 'at'>;
}

export async function loadModel(files: Files, reading: Reading): Promise<Model> {
  const all = emptyPieces();
  const extended = new Map<string, Promise<Layer | null>>();
  let name: string | null = null;
  const extensions: Values = {};
  for (const path of files.paths) {
    const file = {
      dir: files.dir,
      given: path,
      path: pathFrom(files.dir, path),
      ...(files.told ? { told: files.told } : {}),
    };
    const layer = await readLayer(file, files.dir, files.variables, reading);
    if (!layer) continue;
    if (typeof layer.value.name === 'string') name = layer.value.name;
    for (const [key, value] of Object.entries(layer.value)) if (key.startsWith('x-')) extensions[key] = value;
    const own = layer.pieces;
    for (const service of [...own.services.keys()]) {
      const whole = await extendedBy(
        { layer, name: service, chain: [] },
        { variables: files.variables, extended, reading },
      );
      if (whole) own.services.set(service, whole);
    }
    await includeInto(layer, files, reading);
    for (const section of sections)
      for (const [key, piece] of own[section]) all[section].set(key, laidOver(all[section].get(key), piece));
    for (const { path: way, tag } of layer.source.tagged)
      if (tag === '!reset' && way.length === 2) all[way[0] as Section]?.delete(String(way[1]));
  }
  for (const [key, piece] of all.services) all.services.set(key, resolved(piece, files));
  return { ...all, name, extensions };
}

const emptyPieces = (): Record<Section, Map<string, Piece>> =>
  Object.fromEntries(sections.map((section) => [section, new Map()])) as Record<Section, Map<string, Piece>>;

function laidOver(base: Piece | undefined, over: Piece): Piece {
  if (!base) return over;
  if (over.cut.some((way) => way.length === 0)) return over;
  const kept = over.cut.reduce<unknown>((value, way) => without(value, way), base.value);
  return {
    value: merged(kept, over.value) as Values,
    origins: [...over.origins, ...base.origins],
    cut: base.cut,
  };
}

/** Variables that are named without a value have that of the environment of their files. */
function resolved(piece: Piece, { dir, variables }: Pick<Files, 'dir' | 'variables'>): Piece {
  const { build } = piece.value;
  if (isMap(build))
    return withEnvironment(
      { ...piece, value: { ...piece.value, build: { context: dir, ...build, ...argsOf(build, variables) } } },
      variables,
    );
  return withEnvironment(piece, variables);
}

/** An argument without a value that has none there either is not given. */
function argsOf({ args }: Values, variables: Variables): Values {
  if (!isMap(args)) return {};
  const all = Object.entries(args).map(([key, value]) => [key, value ?? lookup(variables, key)] as const);
  return { args: Object.fromEntries(all.filter(([, value]) => value !== undefined)) };
}

function withEnvironment(piece: Piece, variables: Variables): Piece {
  const { environment } = piece.value;
  if (!isMap(environment) || !Object.values(environment).includes(null)) return piece;
  const filled = Object.entries(environment).map(([key, value]) => [
    key,
    value === null && Object.hasOwn(variables, key) ? (variables[key] ?? null) : value,
  ]);
  return { ...piece, value: { ...piece.value, environment: Object.fromEntries(filled) } };
}

interface Extending {
  readonly layer: Layer;
  readonly name: string;
  /** Services that extend this one, as `file: name`. */
  readonly chain: readonly string[];
}

interface Known {
  readonly variables: Variables;
  readonly extended: Map<string, Promise<Layer | null>>;
  readonly reading: Reading;
}

async function extendedBy({ layer, name, chain }: Extending, known: Known): Promise<Piece | null> {
  const piece = layer.pieces.services.get(name);
  const link = piece?.value.extends;
  if (!piece || !isMap(link)) return piece ?? null;
  const at = ['services', name, 'extends'];
  const here = `${layer.file}: ${name}`;
  if (chain.includes(here)) {
    const names = [...chain.slice(chain.indexOf(here)), here].map((each) => each.slice(each.lastIndexOf(': ') + 2));
    tell(
      known.reading,
      layer.source,
      'S108',
      at,
      `services extend each other: ${names.join(' → ')}`,
      'take one of these extends away',
    );
    return null;
  }
  const of = String(link.service);
  const base = await baseLayer(layer, link, at, known);
  if (!base) return null;
  if (!base.pieces.services.has(of)) {
    const hint = hintFor(of, base.pieces.services.keys(), 'there are');
    tell(
      known.reading,
      layer.source,
      'S107',
      at,
      `there is no service ${of} to extend${base === layer ? '' : ` in ${base.file}`}`,
      hint,
    );
    return null;
  }
  const from = await extendedBy({ layer: base, name: of, chain: [...chain, here] }, known);
  if (!from) return null;
  const { extends: _, ...own } = piece.value;
  return { ...laidOver({ ...from, cut: [] }, { ...piece, value: own }), cut: piece.cut };
}

async function baseLayer(layer: Layer, link: Values, at: readonly string[], known: Known): Promise<Layer | null> {
  if (typeof link.file !== 'string') return layer;
  if (isRemote(link.file)) {
    tell(
      known.reading,
      layer.source,
      'S109',
      at,
      `a service of ${link.file.slice(0, 100)} cannot be extended`,
      'fetch the file and name its path',
    );
    return null;
  }
  const path = pathFrom(layer.dir, link.file);
  if (path === layer.file) return layer;
  const told = { at: layer.source.at(at) };
  const read =
    known.extended.get(path) ??
    readLayer({ dir: layer.dir, given: link.file, path, told }, dirname(path), known.variables, known.reading);
  known.extended.set(path, read);
  return read;
}

async function includeInto(layer: Layer, files: Files, reading: Reading): Promise<void> {
  const { include } = layer.value;
  if (!Array.isArray(include)) return;
  for (const [i, each] of include.entries()) {
    const entry = typeof each === 'string' ? { path: each } : each;
    if (!isMap(entry)) continue;
    const found = await included(entry, ['include', i], layer, files, reading);
    if (!found) continue;
    for (const section of sections)
      for (const [name, piece] of found[section]) {
        const own = layer.pieces[section].get(name);
        layer.pieces[section].set(name, own ? laidOver(piece, own) : piece);
      }
  }
}

const listOf = (value: unknown): readonly string[] =>
  (Array.isArray(value) ? value : value === undefined ? [] : [value]).map(String);

async function included(
  entry: Values,
  at: readonly (string | number)[],
  layer: Layer,
  files: Files,
  reading: Reading,
): Promise<Model | null> {
  const paths = listOf(entry.path).map((path) => (isRemote(path) ? path : pathFrom(files.dir, path)));
  const [first] = paths;
  if (first === undefined) return null;
  const remote = paths.find(isRemote);
  if (remote !== undefined) {
    tell(
      reading,
      layer.source,
      'S109',
      at,
      `${remote.slice(0, 100)} cannot be included`,
      'fetch the files and name their path',
    );
    return null;
  }
  const chain = [...files.chain, layer.file];
  const again = paths.find((path) => chain.includes(path));
  if (again !== undefined) {
    const names = [...chain.slice(chain.indexOf(again)), again];
    tell(
      reading,
      layer.source,
      'S108',
      at,
      `files include each other: ${names.join(' → ')}`,
      'take one of these includes away',
    );
    return null;
  }
  const dir = await includedDir(entry.project_directory, dirname(first), files.dir, reading);
  const given = entry.env_file === undefined ? null : listOf(entry.env_file).map((path) => pathFrom(files.dir, path));
  const told = { at: layer.source.at(at) };
  const added = await envFilesOf(given, dir, files.variables, reading, told);
  return loadModel({ paths, dir, variables: { ...added, ...files.variables }, chain, told }, reading);
}

/** One that is no directory is a file's: Compose takes the directory that it is in. */
async function includedDir(given: unknown, first: string, dir: string, { disk }: Reading): Promise<string> {
  if (given === undefined) return first;
  const path = pathFrom(dir, String(given));
  return (await isDirectory(disk, path)) ? path : dirname(path);
}
