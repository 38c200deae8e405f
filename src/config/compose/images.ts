// The `build` of Compose services as images of the configuration, and `develop.watch` as their live rules.
import { isAbsolute, resolve } from 'node:path';
import { isEntitlement } from '../../model/builds/build-options.ts';
import type { ComposeService, ComposeWatch } from '../../model/compose.ts';
import type { FileFilter, FileSet, ImageSpec, LiveRule } from '../../model/config.ts';
import { literal } from '../../model/fileset.ts';
import type { SourcePos } from '../../model/problems/problem.ts';
import { lookup } from '../../model/text/lookup.ts';
import { isUrl } from '../images/named-contexts.ts';
import type { Raw } from '../schema/schema.ts';
import { union } from '../values/fileset.ts';
import { type ComposeParts, imageOfService, pulledBy } from './services.ts';

type RawImages = NonNullable<Raw['images']>;
type RawImage = NonNullable<RawImages[string]>;

/**
 * As if they were written in sluice.yaml. What is `written` there of an image is laid over what its service says, key by key; by
 * another context or a command it is built in that way alone.
 */
export function rawImages({ project }: ComposeParts, written: RawImages = {}): RawImages {
  const images = new Map<string, RawImage>();
  for (const [name, service] of Object.entries(project.services)) {
    if (!service.build) continue;
    images.set(imageOfService(project.name, name, service), rawImage(service.build, project));
  }
  for (const [ref, given] of Object.entries(written))
    images.set(ref, isOfItsOwn(given) ? { ...given } : { ...images.get(ref), ...given });
  return Object.fromEntries(images);
}

const isOfItsOwn = (given: RawImages[string]): boolean => given?.context !== undefined || given?.command !== undefined;

/** Of which what the service says counts no more: neither how it is built nor what `develop.watch` declares, where that is said. */
export const ownImages = (written: RawImages = {}): ReadonlySet<string> =>
  new Set(Object.entries(written).flatMap(([ref, given]) => (given?.live || isOfItsOwn(given) ? [ref] : [])));

type Build = NonNullable<ComposeService['build']>;
type Project = ComposeParts['project'];

function rawImage(build: Build, project: Project): RawImage {
  const context = build.context ?? '.';
  const args = Object.entries(build.args ?? {}).flatMap(([key, value]) => (value === null ? [] : [[key, value]]));
  const given = (build.secrets ?? []).flatMap(({ source, target }) => {
    const { file, environment } = lookup(project.secrets ?? {}, source) ?? {};
    const id = target ?? source;
    if (file) return [`id=${id},src=${file}`];
    return environment ? [`id=${id},type=env,src=${environment}`] : [];
  });
  const [platform] = build.platforms ?? [];
  return {
    context,
    ...dockerfileOf(build, context),
    ...(build.target ? { target: build.target } : {}),
    ...(args.length > 0 ? { args: Object.fromEntries(args) } : {}),
    ...(given.length > 0 ? { secrets: given } : {}),
    ...(platform ? { platform } : {}),
    ...contextsOf(build, project),
    ...told(build),
  };
}

/** Its own text, of one line perhaps, before the path of one. */
function dockerfileOf({ dockerfile, dockerfile_inline: text }: Build, context: string): { dockerfile?: string } {
  if (text !== undefined) return { dockerfile: text.endsWith('\n') ? text : `${text}\n` };
  return dockerfile ? { dockerfile: isUrl(context) ? dockerfile : resolve(context, dockerfile) } : {};
}

/** Another service stands for the image that it is made from. */
function contextsOf({ additional_contexts: given = {} }: Build, project: Project): Pick<RawImage, 'contexts'> {
  const entries = Object.entries(given).map(([name, value]): [string, string] => {
    const other = value.startsWith('service:') ? value.slice('service:'.length) : null;
    const service = other === null ? undefined : lookup(project.services, other);
    return [name, other !== null && service ? `docker-image://${imageOfService(project.name, other, service)}` : value];
  });
  return entries.length > 0 ? { contexts: Object.fromEntries(entries) } : {};
}

/** What else Compose tells a build, and every builder can do. */
function told({
  ssh,
  labels,
  network,
  extra_hosts,
  no_cache,
  no_cache_filter = [],
  provenance,
  sbom,
  tags = [],
  pull,
  cache_from,
  cache_to,
  shm_size,
  ulimits,
  entitlements = [],
}: Build): NonNullable<RawImages[string]> {
  const hosts = (extra_hosts ?? []).map((host) => host.split(/=(.*)/s).slice(0, 2) as [string, string]);
  const most = Object.entries(ulimits ?? {}).map(([name, limit]): [string, string | number] => [
    name,
    typeof limit === 'number' ? limit : `${limit.soft ?? 0}:${limit.hard ?? 0}`,
  ]);
  const from = (cache_from ?? []).filter(isCache);
  const to = (cache_to ?? []).filter(isCache);
  return {
    ...(agents(ssh).length > 0 ? { ssh: agents(ssh) } : {}),
    ...(labels && Object.keys(labels).length > 0 ? { labels: { ...labels } } : {}),
    ...(network === 'none' || network === 'host' ? { network } : {}),
    ...(hosts.length > 0 ? { extraHosts: Object.fromEntries(hosts) } : {}),
    ...(no_cache ? { noCache: true } : {}),
    ...(no_cache_filter.length > 0 ? { noCacheFilter: [...no_cache_filter] } : {}),
    ...attest('provenance', provenance),
    ...attest('sbom', sbom),
    ...(tags.length > 0 ? { tags: [...tags] } : {}),
    ...(pull ? { pull: 'always' as const } : {}),
    ...(from.length + to.length > 0
      ? { cache: { ...(from.length > 0 ? { from } : {}), ...(to.length > 0 ? { to } : {}) } }
      : {}),
    ...(shm_size === undefined ? {} : { shmSize: Number(shm_size) }),
    ...(most.length > 0 ? { ulimits: Object.fromEntries(most) } : {}),
    ...(entitlements.length > 0 ? { entitlements: entitlements.filter(isEntitlement) } : {}),
  };
}

/** A switch is a text as well. */
const attest = (key: 'provenance' | 'sbom', value: string | undefined): Pick<RawImage, 'provenance' | 'sbom'> =>
  value === undefined ? {} : { [key]: value === 'true' || value === 'false' ? value === 'true' : value };

/** `default`, or `ID=SOCKET`; written as a list or by id. */
function agents(ssh: unknown): string[] {
  if (Array.isArray(ssh)) return ssh.map(String);
  return Object.entries(ssh ?? {}).map(([id, socket]) => (socket === null ? id : `${id}=${socket}`));
}

/** A reference, or `type=registry,…` and the like. */
export const isCache = (entry: unknown): boolean =>
  typeof entry === 'string' &&
  (!entry.includes('=') || /(^|,)type=(registry|inline|local|gha|s3|azblob)(,|$)/.test(entry));

/**
 * With what is watched of each, and how a change is brought in. Of services that share an image which is built here each has a say:
 * what one of them declares is done to all that run it. One that is only pulled is an image for each of them that declares
 * something: their files have nothing in common. `all`: those that declare nothing are built anew.
 */
export function watchedImages(
  images: Readonly<Record<string, ImageSpec>>,
  parts: ComposeParts,
  own: ReadonlySet<string>,
  watch: 'declared' | 'all',
): Record<string, ImageSpec> {
  const next: Record<string, ImageSpec> = { ...images };
  for (const [ref, services] of usersOf(parts.project)) {
    if (own.has(ref)) continue;
    if (!Object.hasOwn(next, ref)) Object.assign(next, pulledImages(ref, services, parts));
    else next[ref] = builtImage(next[ref] as ImageSpec, services, parts, watch);
  }
  return next;
}

function builtImage(image: ImageSpec, services: Services, parts: ComposeParts, watch: 'declared' | 'all'): ImageSpec {
  const rules = rulesOf(services, parts);
  const builder = [...services].find(([, { build }]) => build)?.[0];
  const placed = builder ? { ...image, at: parts.at(['services', builder, 'build']) } : image;
  if (rules.length > 0) return declared(placed, rules);
  return { ...placed, watched: watch === 'all' ? withoutBinds(placed, [...services.values()]) : nothing };
}

function pulledImages(ref: string, services: Services, parts: ComposeParts): Record<string, ImageSpec> {
  const found: Record<string, ImageSpec> = {};
  for (const [name, service] of services) {
    const rules = rulesOf(new Map([[name, service]]), parts);
    const own = services.size === 1 ? ref : pulledBy(ref, name);
    if (rules.length > 0) found[own] = declared(pulled(own, parts.at(['services', name])), rules);
  }
  return found;
}

/** Services by the image that they run, in their order. */
function usersOf(project: Project): ReadonlyMap<string, Services> {
  const users = new Map<string, Map<string, ComposeService>>();
  for (const [name, service] of Object.entries(project.services)) {
    const ref = imageOfService(project.name, name, service);
    const found = users.get(ref);
    if (found) found.set(name, service);
    else users.set(ref, new Map([[name, service]]));
  }
  return users;
}

type Services = ReadonlyMap<string, ComposeService>;

interface Placed {
  readonly rule: ComposeWatch;
  readonly at: SourcePos;
}

/** The same rule of several services, by an anchor or an extension, is one. */
function rulesOf(services: Services, parts: ComposeParts): readonly Placed[] {
  const rules = new Map<string, Placed>();
  for (const [name, { develop }] of services)
    for (const [i, rule] of (develop?.watch ?? []).entries()) {
      const key = JSON.stringify(rule);
      if (!rules.has(key)) rules.set(key, { rule, at: parts.at(['services', name, 'develop', 'watch', i]) });
    }
  return [...rules.values()];
}

const nothing: FileSet = { roots: [], filters: [] };

/** Somebody else builds it: it is only updated in place. */
const pulled = (ref: string, at: SourcePos): ImageSpec => ({
  ref,
  at,
  build: { is: 'elsewhere' },
  files: nothing,
  live: [],
  bases: [],
});

/** What is mounted into each that runs it is there already; what the image is made by is not among it. */
function withoutBinds(
  { files: seen, watched: files = seen, build }: ImageSpec,
  services: readonly ComposeService[],
): FileSet {
  const [sources = [], ...others] = services.map(({ volumes = [] }) =>
    volumes.flatMap(({ type, source }) => (type === 'bind' && source ? [source] : [])),
  );
  const everywhere = sources.filter((source) => others.every((each) => each.includes(source)));
  const kept = build.is === 'dockerfile' ? build.recipe : [];
  return { ...files, filters: [...files.filters, ...everywhere.map((base) => hides(base, kept))] };
}

const hides = (base: string, kept: readonly string[]): FileFilter => ({
  base,
  patterns: [
    '**',
    ...kept.flatMap((path) => (path.startsWith(`${base}/`) ? [`!${literal(path.slice(base.length + 1))}`] : [])),
  ],
});

function declared(image: ImageSpec, rules: readonly Placed[]): ImageSpec {
  const sets = rules.map(({ rule }) => filesOf(rule, image));
  const live = rules.flatMap(({ rule, at }, i) => liveOf(rule, sets[i] as FileSet, at));
  const order: readonly LiveRule['is'][] = ['fallback', 'sync', 'run', 'restart'];
  return {
    ...image,
    watched: union([...sets, ...recipeOf(image)]),
    files: image.build.is === 'elsewhere' ? union(sets) : image.files,
    live: live.toSorted((a, b) => order.indexOf(a.is) - order.indexOf(b.is)),
  };
}

/** What the image is built by, which no rule of a service needs to name. */
const recipeOf = ({ build }: ImageSpec): readonly FileSet[] =>
  build.is === 'dockerfile' && build.recipe.length > 0 ? [{ roots: build.recipe, filters: [] }] : [];

/** Below the path of a rule, without what it ignores, what .dockerignore leaves out, and what editors and git keep there. */
function filesOf({ path, ignore = [], include = [] }: ComposeWatch, image: ImageSpec): FileSet {
  const only = include.length > 0 ? [{ base: path, patterns: ['**', ...include.map((each) => `!${each}`)] }] : [];
  const own = ignore.length > 0 ? [{ base: path, patterns: ignore.map((each) => relativeTo(path, each)) }] : [];
  const ofContext = image.build.is === 'dockerfile' ? image.files.filters : [];
  return {
    roots: [path],
    filters: [...ofContext, ...only, ...own, { base: path, patterns: ['**/.git', '**/.idea', '**/*~', '**/.*.sw?'] }],
  };
}

const relativeTo = (base: string, pattern: string): string =>
  isAbsolute(pattern) && pattern.startsWith(`${base}/`) ? pattern.slice(base.length + 1) : pattern;

function liveOf(rule: ComposeWatch, files: FileSet, at: SourcePos): readonly LiveRule[] {
  const { action, path, target = '', exec } = rule;
  const when = [literal(path)];
  if (action === 'rebuild') return [{ is: 'fallback', paths: when, at }];
  const restart: LiveRule = { is: 'restart', what: 'container', when, at };
  if (action === 'restart') return [restart];
  const sync: LiveRule = { is: 'sync', from: path, to: target, initial: rule.initial_sync ?? false, files, at };
  if (action === 'sync+restart') return [sync, restart];
  const cmd = (exec?.command ?? []).map(quoted).join(' ');
  const moved = exec?.working_dir ? `cd ${quoted(exec.working_dir)} && ${cmd}` : cmd;
  return action === 'sync+exec' ? [sync, { is: 'run', cmd: moved, when, at }] : [sync];
}

/** For a POSIX shell, as one word. */
const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;
