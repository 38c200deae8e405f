// Images: how each is built, what its build sees, and which others it is built from.
import { join, relative, resolve } from 'node:path';
import reference from '@swimlane/docker-reference';
import { builderName } from '../../model/builds/builder.ts';
import { isRemote } from '../../model/builds/who-builds.ts';
import type { FileSet, ImageBuild, ImagePlace, ImageSpec, LiveRule } from '../../model/config.ts';
import { basesOf, copiesOf, foundationOf } from '../../model/dockerfile.ts';
import { matcher } from '../../model/fileset.ts';
import { imageOf } from '../../model/manifests.ts';
import { shortened } from '../../model/text/cut.ts';
import { lookup } from '../../model/text/lookup.ts';
import { livePaths, liveRules } from '../live/live.ts';
import { isDirectory, type Loading, readNamed } from '../load-context.ts';
import type { Raw, RawImage } from '../schema/schema.ts';
import { filesAt, union } from '../values/fileset.ts';
import { pathHint } from '../values/near-path.ts';
import { followed, placesOf } from '../values/place.ts';
import type { Path } from '../yaml/document.ts';
import { contextFiles, type NamedPlace } from './build-context.ts';
import { buildOptions } from './build-options.ts';
import { builderOf } from './builder.ts';
import { startOf } from './container-start.ts';
import { firstLineOf, isInline } from './inline-dockerfile.ts';
import { listedFiles } from './listed-files.ts';
import { isUrl, namedContexts } from './named-contexts.ts';

type Given = NonNullable<RawImage>;
/** `foundation`: of the stage that is built. */
type Found = ImageSpec & { readonly from: readonly string[]; readonly foundation?: string | null };

const buildKeys = [
  'context',
  'dockerfile',
  'target',
  'args',
  'secrets',
  'ssh',
  'platform',
  'only',
  'builder',
  'cache',
  'contexts',
  'network',
  'labels',
  'extraHosts',
  'shmSize',
  'ulimits',
  'pull',
  'noCache',
  'noCacheFilter',
  'provenance',
  'sbom',
  'exchange',
  'entitlements',
] as const;

/** By ref, as written. Reads Dockerfiles and ignore files. */
export async function images(raw: Raw['images'], loading: Loading): Promise<Record<string, ImageSpec>> {
  const entries = Object.entries(raw ?? {}).filter(([ref]) => isReference(ref, loading.report, ['images', ref]));
  const found = await Promise.all(entries.map(([ref, given]) => image(ref, given ?? {}, loading)));
  const refs = found.filter(({ build }) => build.is !== 'elsewhere').map(({ ref }) => ref);
  const specs = found.map(({ from, foundation: _, ...spec }): [string, ImageSpec] => {
    const bases = new Set(from.map((base) => imageOf(base, refs)).filter((base) => base !== null && base !== spec.ref));
    const places = (lookup(raw, spec.ref)?.at ?? []).map(placeOf);
    const tags = tagsOf(spec, lookup(raw, spec.ref)?.tags ?? [], loading);
    const start = startOf(lookup(raw, spec.ref) ?? {});
    return [
      spec.ref,
      {
        ...spec,
        bases: [...bases] as string[],
        ...(places.length > 0 ? { places } : {}),
        ...(tags.length > 0 ? { tags } : {}),
        ...(start ? { start } : {}),
        ...(lookup(raw, spec.ref)?.exchange === false ? { exchange: false } : {}),
      },
    ];
  });
  const standsOn = new Map(found.map(({ ref, foundation }) => [ref, foundation ? imageOf(foundation, refs) : null]));
  return withRulesOfBases(Object.fromEntries(specs), standsOn);
}

/** Live rules of what an image is built FROM count in its containers as well, after its own, for what these do not cover. */
function withRulesOfBases(
  specs: Readonly<Record<string, ImageSpec>>,
  standsOn: ReadonlyMap<string, string | null>,
): Record<string, ImageSpec> {
  const inherited = (ref: string): readonly LiveRule[] => {
    const rules: LiveRule[] = [];
    const passed = new Set([ref]);
    for (let base = standsOn.get(ref); base && !passed.has(base); base = standsOn.get(base)) {
      passed.add(base);
      const of = base;
      rules.push(...(lookup(specs, base)?.live ?? []).map((rule) => ({ ...rule, of })));
    }
    return rules;
  };
  return Object.fromEntries(
    Object.entries(specs).map(([ref, spec]) => [ref, { ...spec, live: [...spec.live, ...inherited(ref)] }]),
  );
}

/** An image has more names in Docker alone. */
function tagsOf({ ref, build }: ImageSpec, tags: readonly string[], { report }: Loading): readonly string[] {
  const path = ['images', ref, 'tags'];
  const hint = 'take tags away, or let Docker build it';
  if (build.is === 'elsewhere' && tags.length > 0)
    report.add('S103', path, `tags of ${ref} has no meaning: it is built elsewhere`, 'give it a context, or a command');
  if (build.is !== 'dockerfile' || !isRemote(build))
    return tags.filter((tag, i) => isReference(tag, report, [...path, i]));
  if (tags.length > 0)
    report.warn('S109', path, `${ref} has no more names: ${builderName(build.builder)} keeps none in Docker`, hint);
  return [];
}

function placeOf(given: NonNullable<Given['at']>[number]): ImagePlace {
  if ('env' in given) return { is: 'env', name: given.env };
  if ('annotation' in given) return { is: 'annotation', name: given.annotation };
  if ('arg' in given) return { is: 'arg', name: given.arg };
  const steps = given.path.matchAll(/\["?([^\]"]*)"?\]|([^.[\]]+)/g);
  return { is: 'path', kind: given.kind, path: [...steps].map(([, inside, name]) => name ?? inside ?? '') };
}

function isReference(ref: string, report: Loading['report'], path: Path): boolean {
  try {
    reference.parseFamiliarName(ref);
    return true;
  } catch {
    const { why, hint } = referenceFault(ref);
    report.add('S110', path, `${shortened(ref, 100) || '""'} is no image reference: ${why}`, hint, 'key');
    return false;
  }
}

function referenceFault(ref: string): { readonly why: string; readonly hint: string } {
  const hint = 'write it as it stands in the manifests, such as shop/web';
  const plain = ref.replace(/^[a-z]+:\/\//i, '');
  if (plain !== ref) return { why: 'it is a URL', hint: `did you mean ${plain}?` };
  if (/[A-Z]/.test(ref.replace(/^[^/]*[.:][^/]*\//, '').replace(/:[^/]*$/, '')))
    return { why: 'capital letters are allowed in its tag alone', hint: `did you mean ${ref.toLowerCase()}?` };
  if (/\s/.test(ref)) return { why: 'a space is in it', hint };
  if (/[:@]$/.test(ref))
    return { why: 'nothing stands after its last sign', hint: `did you mean ${ref.slice(0, -1)}?` };
  const sign = /[^\w./:@-]/.exec(ref)?.[0];
  return {
    why: sign ? `${sign} cannot stand in it` : 'its parts are names, with / between them and : before a tag',
    hint,
  };
}

async function image(ref: string, given: Given, loading: Loading): Promise<Found> {
  const path: Path = ['images', ref];
  const at = loading.report.keyAt(path);
  const hasBuild = buildKeys.some((key) => given[key] !== undefined);
  if (given.command !== undefined)
    return { ref, at, bases: [], from: [], ...(await built(given.command, given, path, hasBuild, loading)) };
  if (given.deps)
    loading.report.add(
      'S103',
      [...path, 'deps'],
      `deps of ${ref} has no meaning without command`,
      'a build with a Dockerfile watches its context; see only and ignore',
      'key',
    );
  if (hasBuild) return { ref, at, bases: [], ...(await fromDockerfile(given, path, loading)) };
  if (!given.live && !startOf(given) && !loading.report.has(path))
    loading.report.add(
      'S103',
      path,
      `${ref} says neither how it is built nor how it is updated`,
      'give it a context, a command, live rules, or an entrypoint',
      'key',
    );
  const live = await liveRules(given.live ?? [], [...path, 'live'], null, loading);
  const places = await placesOf(loading.dir, livePaths(given.live ?? []), loading);
  const files = filesAt(places, { ...loading, rules: [given.ignore ?? [], loading.ignore] });
  return { ref, at, bases: [], from: [], build: { is: 'elsewhere' }, files, live };
}

/** Of the daemon as a rule: it builds on this machine, or in a VM of the same kind. */
const buildPlatform = `linux/${process.arch === 'x64' ? 'amd64' : process.arch}`;

type Built = Pick<ImageSpec, 'build' | 'files' | 'watched' | 'live' | 'dockerfileAt'>;

async function built(command: string, given: Given, path: Path, hasBuild: boolean, loading: Loading): Promise<Built> {
  const { dir, env, ignore, report } = loading;
  if (hasBuild) {
    const others = buildKeys.filter((key) => given[key] !== undefined);
    report.add(
      'S103',
      [...path, 'command'],
      `command beside ${others.join(', ')}: an image is built by one of them`,
      'the command makes the image on its own',
      'key',
    );
  }
  if (!given.deps && !report.has([...path, 'deps']))
    report.add(
      'S103',
      [...path, 'command'],
      'command without deps: nothing would ever start it again',
      'name the files it uses: deps: [gen/]',
      'key',
    );
  const deps = await listedFiles(given.deps, [...path, 'deps'], loading);
  const places = await placesOf(dir, deps ?? [], loading);
  const files = await withLive(filesAt(places, { ...loading, rules: [given.ignore ?? [], ignore] }), given, loading);
  const live = await liveRules(given.live ?? [], [...path, 'live'], deps ? files : null, loading);
  return { build: { is: 'command', command, dir, env }, files, live };
}

async function fromDockerfile(
  given: Given,
  path: Path,
  loading: Loading,
): Promise<Built & Pick<Found, 'from' | 'foundation'>> {
  const { dir, report } = loading;
  const source = given.context !== undefined && isUrl(given.context) ? fetchedFrom(given.context, given) : null;
  const found = source ?? (await onDisk(given, path, loading));
  const inline = isInline(given.dockerfile) ? given.dockerfile : null;
  const dockerfileAt = inline === null ? null : await firstLineOf(inline, report.at([...path, 'dockerfile']), loading);
  const args = Object.fromEntries(Object.entries(given.args ?? {}).map(([key, value]) => [key, String(value)]));
  const contexts = await namedContexts(given.contexts, [...path, 'contexts'], loading);
  const files = await withLive(found.files, given, loading);
  const watched = contexts.files.length > 0 ? { watched: union([files, ...contexts.files]) } : {};
  const { target = null, secrets = [], ssh = [], platform = null } = given;
  const copies = copiesOf(found.text, target);
  const builder =
    given.builder === undefined ? loading.builder : await builderOf(given.builder, [...path, 'builder'], loading);
  const options = buildOptions(given, contexts.fetched, path, builder, loading);
  return {
    build: {
      is: 'dockerfile',
      ...found.build,
      ...(inline === null ? {} : { inline, dockerfile: report.at([...path, 'dockerfile']).file }),
      ...(contexts.files.length > 0 ? { directories: contexts.directories } : {}),
      ...(copies.some(({ owner, mode }) => owner !== null || mode !== null) ? { copies } : {}),
      target,
      args,
      secrets: secrets.map((secret) => withPath(secret, /^(.*?,)?((?:src|source)=)([^,]+)(.*)$/, dir)),
      ssh: ssh.map((agent) => withPath(agent, /^([^=]+)(=)(.+)()$/, dir)),
      platform,
      ...(builder ? { builder } : {}),
      ...(options ? { options } : {}),
    },
    files,
    ...watched,
    live: await liveRules(given.live ?? [], [...path, 'live'], files, loading),
    foundation: foundationOf(found.text, { args, target, platform, buildPlatform }),
    from: [
      ...basesOf(found.text, { args, target, platform, buildPlatform }).map(({ image }) => image),
      ...contexts.images,
    ],
    ...(dockerfileAt ? { dockerfileAt } : {}),
  };
}

type DockerfileBuild = Extract<ImageBuild, { is: 'dockerfile' }>;

/** What is built: where it lies, what is watched of it, and the Dockerfile as far as it is known here. */
interface BuildSource {
  readonly build: Pick<DockerfileBuild, 'context' | 'dockerfile' | 'recipe' | 'hidden' | 'remote'>;
  readonly files: FileSet;
  readonly text: string;
}

async function onDisk(given: Given, path: Path, loading: Loading): Promise<BuildSource> {
  const { dir } = loading;
  const named = resolve(dir, given.context ?? '.');
  const inline = isInline(given.dockerfile) ? given.dockerfile : null;
  const file = inline === null ? (given.dockerfile ? resolve(dir, given.dockerfile) : join(named, 'Dockerfile')) : null;
  const [context, dockerfile] = await Promise.all([
    placed(named, loading),
    file === null ? null : placed(file, loading),
  ]);
  const text = await dockerfileText(file, inline, given, path, loading);
  const { files, recipe, hidden } = await contextFiles(context, dockerfile, given, loading);
  const build = { context: context.real, dockerfile: dockerfile?.real ?? '', recipe, hidden };
  return { build, files, text: text ?? '' };
}

/** Nothing of it is here, and nothing to watch. A path of a Dockerfile is one in there. */
function fetchedFrom(url: string, { dockerfile }: Given): BuildSource {
  const inline = isInline(dockerfile) ? dockerfile : null;
  const path = inline === null ? (dockerfile ?? 'Dockerfile') : '';
  const build = { context: '/', dockerfile: path, recipe: [], hidden: [], remote: url };
  return { build, files: { roots: [], filters: [] }, text: inline ?? '' };
}

const placed = async (given: string, loading: Loading): Promise<NamedPlace> => ({
  given,
  ...(await followed(given, loading)),
});

/** Null where it cannot be read, which is told: of a context that is not there, that. `named` null: it is `inline`. */
async function dockerfileText(
  named: string | null,
  inline: string | null,
  given: Given,
  path: Path,
  loading: Loading,
): Promise<string | null> {
  const { dir, report, disk } = loading;
  const { context = '.' } = given;
  if (!(await isDirectory(disk, resolve(dir, context)))) {
    const what = (await disk.exists(resolve(dir, context))) ? 'is no directory' : 'does not exist';
    const hint = await pathHint(dir, context, 'paths are relative to sluice.yaml');
    report.add('S114', [...path, 'context'], `the build context ${context} ${what}`, hint);
    if (given.dockerfile === undefined) return null;
  }
  if (named === null) return inline;
  const shortName = relative(dir, named);
  const file = {
    dir,
    given: shortName,
    called: shortName === 'Dockerfile' ? shortName : `the Dockerfile ${shortName}`,
  };
  const text = await readNamed(loading, file);
  if (typeof text === 'string') return text;
  const isMissing = text.hint?.startsWith('paths are');
  const hint = isMissing ? 'create it, or say where it is: dockerfile: …' : text.hint;
  report.add('S114', [...path, given.dockerfile ? 'dockerfile' : 'context'], text.what, hint);
  return null;
}

/** What a live rule names by a link among the files is watched where that leads. */
async function withLive(files: FileSet, { live = [] }: Given, loading: Loading): Promise<FileSet> {
  const watched = matcher(files);
  const isAmong = (path: string) => watched.has(path) || watched.mayDescend(path);
  const places = await placesOf(loading.dir, livePaths(live), loading);
  const moved = places.filter(({ given, real }) => given !== real && isAmong(given) && !isAmong(real));
  const roots = moved.flatMap(({ real, links }) => [real, ...links.filter((link) => !isAmong(link))]);
  return { ...files, roots: [...new Set([...files.roots, ...roots])] };
}

/** Files in these settings are relative to sluice.yaml, not to wherever the command is run; `~` is left to the builder. */
function withPath(setting: string, parts: RegExp, dir: string): string {
  const [, before = '', key = '', path, after = ''] = parts.exec(setting) ?? [];
  // With type=env the source is the name of a variable.
  if (path === undefined || path.startsWith('~') || /(^|,)type=env(,|$)/.test(setting)) return setting;
  return `${before}${key}${resolve(dir, path)}${after}`;
}
