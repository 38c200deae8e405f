// Several Compose files as one: what each extends, what it includes, and the later ones laid over the earlier ones.
import { dirname } from 'node:path';
import type { Problem } from '../../model/problems/problem.ts';
import { lookup } from '../../model/text/lookup.ts';
import { hintFor } from '../../model/text/nearest.ts';
import type { Variables } from '../environment/expand.ts';
import { isDirectory } from '../load-context.ts';
import { envFilesOf } from './files/env-files.ts';
import { calledFile, readOnce } from './files/texts.ts';
import { asIs, isMap, nowhere, type Values } from './forms/forms.ts';
import { isRemote, pathFrom } from './forms/quantities.ts';
import {
  emptyPieces,
  extendable,
  type Layer,
  type Origin,
  type Piece,
  type Reading,
  readLayers,
  type Section,
  sections,
  tell,
} from './layer.ts';
import { clashesOf, conflictsOf, extensionClashes, merged, type Way, without } from './merge.ts';

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
  const known: Known = { variables: files.variables, extended: new Map(), reading };
  let name: string | null = null;
  const extensions: Values = {};
  for (const layer of await layersOf(files, reading)) {
    // One that is written as nothing is none; one that its variables leave nothing of is a mistake.
    const { name: written } = layer.source.value as Values;
    if (written !== '' && typeof layer.value.name === 'string') name = layer.value.name;
    extend(extensions, layer, reading);
    const own = layer.pieces;
    for (const service of [...own.services.keys()]) {
      const whole = await extendedBy({ layer, name: service, chain: [] }, known);
      if (whole) own.services.set(service, whole);
    }
    await includeInto(layer, files, reading);
    for (const section of sections)
      for (const [key, piece] of own[section]) all[section].set(key, laidOver(all[section].get(key), piece, reading));
    for (const { path: way, tag } of layer.source.tagged)
      if (tag === '!reset' && way.length === 2) all[way[0] as Section]?.delete(String(way[1]));
  }
  for (const [key, piece] of all.services) all.services.set(key, resolved(piece, files));
  for (const [key, piece] of all.volumes) all.volumes.set(key, bound(piece, files));
  return { ...all, name, extensions };
}

/** By the `x-…` of one more layer. */
function extend(extensions: Values, { source, value }: Layer, reading: Reading): void {
  for (const { path } of source.tagged) {
    const [key, ...way] = path.map(String);
    if (!key?.startsWith('x-')) continue;
    if (way.length === 0) delete extensions[key];
    else extensions[key] = without(extensions[key], way);
  }
  for (const [key, own] of Object.entries(value))
    if (key.startsWith('x-')) {
      for (const way of clashesOf(extensions[key], own, [key])) tellClash(way, { source, path: [] }, reading);
      extensions[key] = merged(extensions[key], asIs(own, nowhere), [key]);
    }
}

async function layersOf({ paths, dir, variables, told }: Files, reading: Reading): Promise<readonly Layer[]> {
  const all: Layer[] = [];
  for (const given of paths) {
    const file = { dir, given, path: pathFrom(dir, given), ...(told ? { told } : {}) };
    all.push(...(await readLayers(file, dir, variables, reading)));
  }
  return all;
}

function tellClash(way: Way, { source, path }: Pick<Origin, 'source' | 'path'>, reading: Reading): void {
  const what = `${way.join('.')} cannot be laid over what is said before`;
  tell(reading, source, 'S103', [...path, ...way], what, `write ${way.at(-1)}: !override …`);
}

function laidOver(base: Piece | undefined, over: Piece, reading: Reading): Piece {
  if (!base) return over;
  if (over.cut.some((way) => way.length === 0)) return over;
  const kept = over.cut.reduce<unknown>((value, way) => without(value, way), base.value);
  for (const origin of over.origins.slice(0, 1)) {
    const own = over.cut.reduce<unknown>((value, way) => without(value, way), origin.value);
    const clashes = base.origins.slice(0, 1).flatMap(({ value }) => extensionClashes(value, own));
    for (const way of [...conflictsOf(kept, over.value, origin.value, origin.path[0]), ...clashes])
      tellClash(way, origin, reading);
  }
  return {
    value: merged(kept, over.value) as Values,
    origins: [...over.origins, ...base.origins],
    cut: base.cut,
    needs: [],
  };
}

/**
 * Variables that are named without a value have that of the environment of their files, and arguments of builds that of the whole
 * project.
 */
function resolved(piece: Piece, { dir, variables, chain }: Files): Piece {
  const { build } = piece.value;
  if (!isMap(build)) return withEnvironment(piece, variables);
  const args = chain.length === 0 ? argsOf(build, variables) : {};
  return withEnvironment(
    { ...piece, value: { ...piece.value, build: { context: dir, ...build, ...args } } },
    variables,
  );
}

/** A local volume that binds a directory: that is a path as any other. */
function bound(piece: Piece, { dir }: Files): Piece {
  const { driver, driver_opts: options } = piece.value;
  if (driver !== 'local' || !isMap(options) || options.o !== 'bind' || typeof options.device !== 'string') return piece;
  const device = pathFrom(dir, options.device);
  return { ...piece, value: { ...piece.value, driver_opts: { ...options, device } } };
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
  readonly extended: Map<string, Promise<readonly Layer[]>>;
  readonly reading: Reading;
}

async function extendedBy({ layer, name, chain }: Extending, known: Known): Promise<Piece | null> {
  const piece = extendable(layer, name, known.reading);
  const link = piece?.value.extends;
  if (!piece || !isMap(link)) return piece;
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
  const bases = await baseLayers(layer, link, at, known);
  const [first] = bases;
  if (!first) return null;
  const having = bases.filter(({ value }) => isMap(value.services) && Object.hasOwn(value.services, of));
  if (having.length === 0) {
    const hint = hintFor(of, bases.flatMap(namesIn), 'there are');
    const where = first === layer ? '' : ` in ${first.file}`;
    tell(known.reading, layer.source, 'S107', at, `there is no service ${of} to extend${where}`, hint);
    return null;
  }
  let from: Piece | undefined;
  for (const base of having) {
    const found = await extendedBy({ layer: base, name: of, chain: [...chain, here] }, known);
    if (!found) return null;
    from = laidOver(from, found, known.reading);
  }
  const { extends: _, ...own } = piece.value;
  const base = { ...givingWay(from as Piece, own), cut: [] };
  return { ...laidOver(base, { ...piece, value: own }, known.reading), cut: piece.cut };
}

/** A word gives way to what is laid over it, while it is as it was written. */
function givingWay(base: Piece, own: Values): Piece {
  const [written] = base.origins;
  const isWord = isMap(written?.value) && written.value.gpus === 'all' && own.gpus !== undefined;
  return isWord ? { ...base, value: without(base.value, ['gpus']) as Values } : base;
}

const namesIn = ({ value: { services } }: Layer): readonly string[] => Object.keys(isMap(services) ? services : {});

/** What the service that is extended is looked for in. */
async function baseLayers(layer: Layer, link: Values, at: readonly string[], known: Known): Promise<readonly Layer[]> {
  if (typeof link.file !== 'string') return [layer];
  if (isRemote(link.file)) {
    tell(
      known.reading,
      layer.source,
      'S109',
      at,
      `a service of ${link.file.slice(0, 100)} cannot be extended`,
      'fetch the file and name its path',
    );
    return [];
  }
  const path = pathFrom(layer.dir, link.file);
  if (path === layer.file) return [layer];
  const file = { dir: layer.dir, given: link.file, path, told: { at: layer.source.at(at) }, isBase: true };
  const read = known.extended.get(path) ?? readLayers(file, dirname(path), known.variables, known.reading);
  known.extended.set(path, read);
  return read;
}

async function includeInto(layer: Layer, files: Files, reading: Reading): Promise<void> {
  const { include } = layer.value;
  if (!Array.isArray(include)) return;
  // All of them are under way at once; what they come to is put together in their order.
  for (const path of include
    .flatMap((each) => listOf(isMap(each) ? each.path : each))
    .filter((each) => !isRemote(each))) {
    const given = pathFrom(files.dir, path);
    readOnce(reading, { dir: files.dir, given, called: calledFile(given) });
  }
  for (const [i, each] of include.entries()) {
    const entry = typeof each === 'string' ? { path: each } : each;
    if (!isMap(entry)) continue;
    const found = await included(entry, ['include', i], layer, files, reading);
    if (!found) continue;
    for (const section of sections)
      for (const [name, piece] of found[section]) {
        const own = layer.pieces[section].get(name);
        layer.pieces[section].set(name, own ? laidOver(piece, own, reading) : piece);
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
