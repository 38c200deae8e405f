// A Compose project: what `docker compose config` would print of it, where each part of it stands, and what was read.
import { basename, dirname, resolve } from 'node:path';
import type { ComposeProject } from '../../model/compose.ts';
import type { Orphans } from '../../model/config.ts';
import type { DiskPort } from '../../model/ports.ts';
import type { Problem } from '../../model/problems/problem.ts';
import { lookup } from '../../model/text/lookup.ts';
import type { Variables } from '../environment/expand.ts';
import { createReads, type Reads } from '../reads.ts';
import { activeServices, withThoseOf } from './active.ts';
import { type Fault, faultsIn } from './checks/check.ts';
import { checkWhole, type Whole } from './checks/consistency.ts';
import { unsupportedIn } from './checks/unsupported.ts';
import { isMoment } from './files/dialect.ts';
import { documentsOf } from './files/document-cache.ts';
import { envFilesOf } from './files/env-files.ts';
import { composeNames, filesOf, normalName, overridesBeside, profilesOf } from './files/project.ts';
import { substitute } from './files/substitute.ts';
import { calledFile, readOnce } from './files/texts.ts';
import { habitsOf, isWithoutEnvFile } from './files/variables.ts';
import { isMap, type Values } from './forms/forms.ts';
import { named, printed } from './forms/print.ts';
import { type Piece, type Reading, type Section, tell } from './layer.ts';
import { loadModel, type Model } from './model.ts';
import { type Places, placesIn } from './places.ts';

export interface ComposeRequest {
  /** Absolute: where files are looked for, and what those that are named are relative to. */
  readonly dir: string;
  readonly files?: readonly string[];
  readonly profiles?: readonly string[];
  /** Instead of `.env`. */
  readonly envFiles?: readonly string[];
  readonly env: Variables;
  readonly projectName?: string;
  /** There whatever profiles are active. */
  readonly services?: readonly string[];
}

export interface ReadProject {
  readonly project: ComposeProject;
  readonly places: Places;
  /** Services that no active profile has. */
  readonly inactive: readonly string[];
  readonly orphans: Orphans;
  /** How much is done at once, null where it is not said. */
  readonly parallel: number | null;
  /** Of the project: where its first file is. */
  readonly dir: string;
  /** Its Compose files, as `docker compose ls` names them: without those that are included or extended. */
  readonly files: readonly string[];
  readonly envFiles: readonly string[];
  /** What each of these says. */
  readonly values: Reading['values'];
  readonly warnings: readonly Problem[];
}

export type ComposeRead = ReadProject | { readonly problems: readonly Problem[] };

const noFileIn = (dir: string): Problem => ({
  kind: 'yours',
  code: 'S117',
  what: `no Compose file in ${dir}`,
  hint: `it is called ${composeNames.join(' or ')}`,
});

const nameless = (at: Problem['at']): Problem => ({
  kind: 'yours',
  code: 'S103',
  what: 'this project has no name',
  hint: 'write name: at the top of the Compose file',
  at,
});

const badName = (name: string): Problem => ({
  kind: 'yours',
  code: 'S103',
  what: `"${name.slice(0, 80)}" cannot be the name of a project`,
  hint: 'it is made of small letters, digits, - and _, and begins with a letter or digit; look at COMPOSE_PROJECT_NAME',
});

/** One that comes is read. */
function missing(dir: string, reads: Reads): ComposeRead {
  for (const name of composeNames) reads.add(`${dir}/${name}`);
  return { problems: [noFileIn(dir)] };
}

/** `COMPOSE_ENV_FILES`, as `docker compose` reads it; null where it names none. */
function envFilesIn({ dir, env }: ComposeRequest): readonly string[] | null {
  const named = (lookup(env, 'COMPOSE_ENV_FILES') ?? '').split(',').filter((path) => path !== '');
  return named.length > 0 ? named.map((path) => resolve(dir, path)) : null;
}

/** `reads` takes what is read: a change to any of it reads again. */
export async function readCompose(
  given: ComposeRequest,
  { disk, reads = createReads() }: { readonly disk: DiskPort; readonly reads?: Reads },
): Promise<ComposeRead> {
  // Where a process stands is a variable of it, whoever started it.
  const request = { ...given, env: { PWD: given.dir, ...given.env } };
  const reading = readingOf(disk, reads);
  const envPaths = request.envFiles ?? envFilesIn(request);
  const isBare = envPaths === null && isWithoutEnvFile(request.env);
  const first = isBare ? {} : await envFilesOf(envPaths, request.dir, request.env, reading);
  const files = await filesOf(request.dir, request.files ?? [], { ...first, ...request.env }, disk);
  const [file] = files;
  if (file === undefined) return missing(request.dir, reads);
  for (const path of overridesBeside(file)) reads.add(path);
  const dir = dirname(file);
  const own = dir === request.dir || envPaths || isBare ? first : await envFilesOf(null, dir, request.env, reading);
  const base: Variables = { ...own, ...request.env };
  const told = request.projectName ?? (lookup(base, 'COMPOSE_PROJECT_NAME') || undefined);
  if (told !== undefined && told !== normalName(told)) reading.problems.push(badName(told));
  const named = request.projectName === undefined ? await nameIn(files, base, reading) : null;
  const fallback = told ?? named ?? normalName(basename(dir));
  const variables: Variables = { ...base, COMPOSE_PROJECT_NAME: fallback };
  const model = await loadModel({ paths: files, dir, variables, chain: [] }, reading);
  const name = normalName(told ?? model.name ?? basename(dir));
  const profiles = withThoseOf(request.services ?? [], model, profilesOf(request.profiles ?? [], base));
  const found = await projectOf(model, { name, file, profiles, variables, reading });
  if (!found || reading.problems.length > 0) return { problems: reading.problems };
  const { envFiles, values, warnings } = reading;
  return { ...found, ...habitsOf(base), dir, files, envFiles, values, warnings };
}

const readingOf = (disk: DiskPort, reads: Reads): Reading => ({
  disk,
  reads,
  texts: new Map(),
  problems: [],
  warnings: [],
  files: [],
  envFiles: [],
  values: [],
  unset: new Set(),
});

interface Finishing {
  readonly name: string;
  /** The first of the project. */
  readonly file: string;
  readonly profiles: ReadonlySet<string>;
  readonly variables: Variables;
  readonly reading: Reading;
}

/** Null where it cannot be used: that is told. */
async function projectOf(
  model: Model,
  { name, file, profiles, variables, reading }: Finishing,
): Promise<Pick<ReadProject, 'project' | 'places' | 'inactive'> | null> {
  const { problems, warnings } = reading;
  const at = placesIn(model, { file, line: 1, column: 1 });
  if (name === '') problems.push(nameless(at([])));
  const tell = (code: string, path: readonly (string | number)[], what: string, hint: string): void =>
    void problems.push({ kind: 'yours', code, what, hint, at: at(path) });
  const services = await activeServices(model, { profiles, variables, at, reading });
  for (const [key, piece] of model.services)
    for (const { path, what, hint, code } of missingIn(key, piece)) tell(code, path, what, hint);
  for (const [key, { value }] of model.services)
    if (value.pid === null)
      tell('S103', ['services', key, 'pid'], `pid of service ${key} is nothing`, 'write it, or take it out');
  const whole = wholeOf(model, services);
  if (problems.length === 0) checkWhole(whole, { at, dir: dirname(file) }, tell);
  if (problems.length > 0) return null;
  warnings.push(...leftOut(services, at));
  const mixed = new Set([...model.services].filter(([, { origins }]) => origins.length > 1).map(([key]) => key));
  const inactive = [...model.services.keys()].filter((key) => !Object.hasOwn(services, key));
  return { project: printed({ ...named(whole, name), name }, model.extensions, mixed), places: at, inactive };
}

/** What of the services has no meaning here. */
const leftOut = (services: Whole['services'], at: ReturnType<typeof placesIn>): readonly Problem[] =>
  Object.entries(services).flatMap(([key, service]) =>
    unsupportedIn(service).map(({ path, why }) => ({
      kind: 'yours' as const,
      code: 'S109',
      what: `${path.join('.')} of service ${key} is not supported: ${why}`,
      hint: 'it is left out; docs/compose.md says what is',
      at: at(['services', key, ...path]),
    })),
  );

/** What must be there is asked of what all files say together. */
const missingIn = (name: string, { value, origins, needs }: Piece): readonly Fault[] =>
  origins.length === 1 ? needs : faultsIn({ services: { [name]: value } }, true).filter(({ isNeed }) => isNeed);

/**
 * `name:` of the last file that has one is known before variables are filled in: COMPOSE_PROJECT_NAME is one of them. Each must be
 * a text as it is written.
 */
async function nameIn(files: readonly string[], variables: Variables, reading: Reading): Promise<string | null> {
  const texts = await Promise.all(
    files.map((given) => readOnce(reading, { dir: '/', given, called: calledFile(given) })),
  );
  const all = files.flatMap((file, i) => (typeof texts[i] === 'string' ? documentsOf(texts[i], file) : []));
  const names = all.map((source) => ({ source, name: isMap(source.value) ? source.value.name : undefined }));
  for (const { source, name } of names)
    if (typeof name === 'string' && isMoment(name))
      tell(reading, source, 'S103', ['name'], `${name.slice(0, 10)} is read as a date here`, 'write it in quotes');
  const named = names.map(({ name }) => name).findLast((name) => typeof name === 'string' && name !== '');
  if (named === undefined) return null;
  return normalName(substitute(String(named), { variables, fail: () => {}, unset: () => {} }));
}

const wholeOf = (model: Model, services: Whole['services']): Whole => ({
  services,
  networks: valuesOf(model, 'networks'),
  volumes: valuesOf(model, 'volumes'),
  secrets: valuesOf(model, 'secrets'),
  configs: valuesOf(model, 'configs'),
});

const valuesOf = (model: Model, section: Section): Record<string, Values> =>
  Object.fromEntries([...model[section]].map(([key, { value }]) => [key, value]));
