// sluice.yaml and all it names, as one Config or as every problem there is in it.
import { access, realpath } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Overrides } from '../model/config/overrides.ts';
import type { Config, FileSet } from '../model/config.ts';
import { limits } from '../model/limits.ts';
import type { Secret } from '../model/log.ts';
import { secretsOf } from '../model/manifests.ts';
import type { DiskPort, KeptPort, ProcPort } from '../model/ports.ts';
import { type Problem, problemOf, type SourcePos } from '../model/problems/problem.ts';
import { projectOf } from '../model/project.ts';
import { lookup } from '../model/text/lookup.ts';
import { composeNames } from './compose/files/project.ts';
import { ownImages, rawImages, watchedImages } from './compose/images.ts';
import { composeOf, isComposeFile, reportOfImages } from './compose/parts.ts';
import { type ComposeParts, composeSpecs } from './compose/services.ts';
import { environment } from './environment/environment.ts';
import { expand } from './environment/expand.ts';
import { privateValues } from './environment/private-values.ts';
import { builderOf } from './images/builder.ts';
import { refuseForServices } from './images/container-start.ts';
import { checkDelivery } from './images/delivery.ts';
import { images } from './images/images.ts';
import { allOver, type Loading, watched } from './load-context.ts';
import { hooksAmong } from './manifests/hooks.ts';
import { manifestReader } from './manifests/kept-objects.ts';
import { manifests } from './manifests/manifests.ts';
import { overridden, unknownIn, withoutNeeds } from './overrides.ts';
import { type Said, saidIn } from './ownership.ts';
import { createReads, type Reads } from './reads.ts';
import { checkReferences } from './references.ts';
import { createReport, type Report } from './report.ts';
import { resources } from './resources.ts';
import type { Raw } from './schema/schema.ts';
import { parseSource, type Source } from './yaml/document.ts';

export interface LoadRequest {
  /** Absolute path of sluice.yaml. */
  readonly file: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Given on the command line: wins over the file's. */
  readonly namespace?: string | null;
  /** Absolute paths of what the session itself writes: as little a part of builds and `deps` as the configuration. */
  readonly writes?: readonly string[];
  readonly asked?: Overrides;
}

export type Loaded =
  | { readonly config: Config; readonly secrets: readonly Secret[] }
  /** `said`: what can be relied on all the same. */
  | {
      readonly problems: readonly Problem[];
      readonly reads: FileSet;
      readonly said?: Said | null;
      readonly secrets: readonly Secret[];
    };

interface LoadPorts {
  readonly disk: DiskPort;
  readonly proc: ProcPort;
  readonly kept?: KeptPort;
}

const names = ['sluice.yaml', 'sluice.yml'];

/**
 * The nearest sluice.yaml in `dir` or above; the nearest Compose file where there is none; else null. One of which `isKnown` counts
 * as there.
 */
export async function findConfig(dir: string, isKnown = (_path: string): boolean => false): Promise<string | null> {
  for (const each of [names, composeNames])
    for (let at = resolve(dir); ; at = dirname(at)) {
      for (const name of each) {
        const path = join(at, name);
        if (isKnown(path) || (await isThere(path))) return path;
      }
      if (at === dirname(at)) break;
    }
  return null;
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** Rejects only when `stop` is aborted. */
export async function loadConfig(request: LoadRequest, ports: LoadPorts, stop: AbortSignal): Promise<Loaded> {
  const { file } = request;
  const dir = dirname(file);
  const reads = createReads();
  const configuration = [
    ...new Set([file, await watched(file, { disk: ports.disk, reads }), ...(request.writes ?? [])]),
  ];
  const text = await ports.disk
    .readText(file, { most: limits.configBytes, isText: true })
    .catch((error: unknown) => ({ ...unreadable, ...problemOf(error, 'S100') }));
  stop.throwIfAborted();
  if (typeof text !== 'string')
    return { problems: [{ ...text, kind: 'yours', code: 'S100' }], reads: reads.files(), secrets: [] };
  const own = text.replace(/^\uFEFF/, '');
  // A Compose file needs no sluice.yaml: its reader tells what is in it.
  const source = isComposeFile(file) ? { ...parseSource('{}', file), text: own } : parseSource(own, file);
  return loadSource(source, request, dir, reads, configuration, ports, stop);
}

const unreadable = { hint: 'write one, or let `sluice init` do it' };

async function loadSource(
  source: Source,
  request: LoadRequest,
  dir: string,
  reads: Reads,
  configuration: readonly string[],
  ports: LoadPorts,
  stop: AbortSignal,
): Promise<Loaded> {
  const report = createReport(source);
  const secrets: Secret[] = [];
  const broken = (said: Said | null): Loaded => ({
    problems: bounded(sorted(report.problems, request.file)),
    reads: reads.files(),
    said,
    secrets,
  });
  report.put(...source.problems);
  if (source.value === undefined) return broken(null);
  const { variables, added, files } = await environment(source, dir, request.env, { disk: ports.disk, reads, report });
  const expanded = expand(source, variables);
  report.put(...expanded.problems);
  secrets.push(...privateValues({ value: expanded.value, written: source.value, files, own: request.env }));
  const place = await realpath(dir).catch(() => dir);
  const said = saidIn(expanded.value, place);
  const raw: Raw | null = isComposeFile(request.file) ? {} : await validated(expanded.value, report);
  if (!raw) return broken(said);
  const namespace = request.namespace ?? raw.kubernetes?.namespace ?? null;
  const ignore = raw.settings?.ignore ?? [];
  const { disk, proc, kept } = ports;
  const manifests = manifestReader(kept, request.file);
  const shared = {
    dir,
    report,
    reads,
    disk,
    proc,
    manifests,
    env: added,
    configuration,
    ignore,
    namespace,
    builder: null,
    stop,
  };
  const builder = await builderOf(raw.settings?.builder, ['settings', 'builder'], shared);
  const config = await configOf(raw, request, place, { ...shared, builder }, secrets);
  return config ? { config, secrets } : broken(said);
}

/** Null where something is wrong, which is in the report by then. What is found to be secret is added to `secrets`. */
async function configOf(
  raw: Raw,
  request: LoadRequest,
  place: string,
  loading: Loading,
  secrets: Secret[],
): Promise<Config | null> {
  const { dir, report, reads, namespace, stop } = loading;
  const { file, asked = {} } = request;
  const parts = await partsOf(raw, request, loading, secrets);
  const [found, specs] = await allOver([
    manifests(raw.kubernetes?.manifests ?? [], loading),
    allImages(raw, parts, loading),
  ]);
  stop.throwIfAborted();
  secrets.push(...secretsOf(found.objects.map(({ object }) => object)));
  const services = parts ? composeSpecs(parts, specs) : [];
  const all = withoutNeeds(await resources(raw, found, { images: specs, services }, loading), asked);
  checkDelivery(raw.kubernetes, Object.values(specs), report);
  checkReferences(all, specs, found.isComplete, { placeOf: placeOfNeed(raw, parts, all, report), dir }, report);
  if (report.problems.length > 0) return null;
  const named = {
    project: parts && isComposeFile(file) ? parts.project.name : undefined,
    ...raw,
    settings: { parallel: parts?.parallel ?? limits.parallel, ...raw.settings },
  };
  return {
    ...assembled(named, file, dir, place, namespace, specs, all, reads),
    leftOut: hooksAmong(found.objects).leftOut,
    warnings: report.warnings,
  };
}

/** The Compose project, with what the command line says of it; null where there is none. */
async function partsOf(
  raw: Raw,
  { file, env, asked = {} }: LoadRequest,
  loading: Loading,
  secrets: Secret[],
): Promise<ComposeParts | null> {
  const compose = await composeOf(isComposeFile(file) ? null : (raw.compose ?? []), file, env, loading, asked.services);
  secrets.push(...(compose?.secrets ?? []));
  const parts = compose && { ...compose.parts, project: overridden(compose.parts.project, asked) };
  loading.report.put(...unknownIn(asked, parts?.project ?? null));
  return parts;
}

/** In the settings of a resource, else in the Compose file, else where the resource itself stands. */
const placeOfNeed =
  (raw: Raw, parts: ComposeParts | null, all: Config['resources'], report: Report) =>
  (name: string, other: string): SourcePos => {
    const needs = lookup(raw.resources, name)?.needs ?? [];
    const index = needs.findIndex((need) => (typeof need === 'string' ? need : need.name) === other);
    if (index >= 0) return report.at(['resources', name, 'needs', index]);
    const spec = lookup(all, name);
    return spec?.kind === 'compose' && parts
      ? parts.at(['services', name, 'depends_on', other])
      : (spec?.at ?? report.at([]));
  };

/** The schema is large: a Compose file alone does without. */
async function validated(value: unknown, report: Report): Promise<Raw | null> {
  const { validate } = await import('./schema/validate.ts');
  return validate(value, report);
}

/** What is written of an image counts more than what a service says of it. */
async function allImages(raw: Raw, parts: ComposeParts | null, loading: Loading): Promise<Config['images']> {
  if (!parts) return images(raw.images, loading);
  const all = await images(rawImages(parts, raw.images), {
    ...loading,
    report: reportOfImages(loading.report, parts, raw.images),
  });
  refuseForServices(raw.images, parts, loading.report);
  return watchedImages(all, parts, ownImages(raw.images), raw.settings?.compose?.watch ?? 'all');
}

function assembled(
  raw: Raw,
  file: string,
  dir: string,
  place: string,
  namespace: string | null,
  specs: Config['images'],
  all: Config['resources'],
  reads: Reads,
): Config {
  const { context = null, allow = [], registry = null, delivery } = raw.kubernetes ?? {};
  const { parallel = limits.parallel, ignore = [] } = raw.settings ?? {};
  return {
    file,
    dir,
    project: projectOf(raw.project ?? null, place),
    images: specs,
    resources: all,
    order: Object.keys(all),
    kubernetes: raw.kubernetes ? { context, allow, namespace, registry, ...(delivery ? { delivery } : {}) } : null,
    settings: { parallel, ignore },
    reads: reads.files(),
    warnings: [],
  };
}

/** Whoever mends the first of a thousand sees the others go with them. */
function bounded(problems: readonly Problem[]): readonly Problem[] {
  const [told, rest] = [problems.slice(0, limits.configProblems), problems.length - limits.configProblems];
  if (rest <= 0) return problems;
  return [...told, { kind: 'yours', code: 'S119', what: `and ${rest} more problems`, hint: 'mend these first' }];
}

/** Those of sluice.yaml from top to bottom, then those of other files. */
const sorted = (problems: readonly Problem[], file: string): Problem[] =>
  [...problems].sort((a, b) => {
    const [one, other] = [a.at ?? { file, line: 0, column: 0 }, b.at ?? { file, line: 0, column: 0 }];
    if (one.file !== other.file)
      return Number(other.file === file) - Number(one.file === file) || (one.file < other.file ? -1 : 1);
    return one.line - other.line || one.column - other.column;
  });
