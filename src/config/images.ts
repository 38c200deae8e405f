// Images: how each is built, what its build sees, and which others it is built from.
import { dirname, join, relative, resolve } from 'node:path';
import reference from '@swimlane/docker-reference';
import type { FileSet, ImageBuild, ImagePlace, ImageSpec, LiveRule } from '../model/config.ts';
import { basesOf } from '../model/dockerfile.ts';
import { lookup } from '../model/lookup.ts';
import { imageOf } from '../model/manifests.ts';
import type { Path } from './document.ts';
import { filesAt, filters } from './fileset.ts';
import { livePaths, liveRules } from './live.ts';
import { type Loading, readOr } from './loading.ts';
import { literal } from './reads.ts';
import type { Raw, RawImage } from './schema.ts';

type Given = NonNullable<RawImage>;
type Found = ImageSpec & { readonly from: readonly string[] };

const buildKeys = ['context', 'dockerfile', 'target', 'args', 'secrets', 'ssh', 'platform', 'only'] as const;

/** By ref, as written. Reads Dockerfiles and ignore files. */
export async function images(raw: Raw['images'], loading: Loading): Promise<Record<string, ImageSpec>> {
  const entries = Object.entries(raw ?? {}).filter(([ref]) => isReference(ref, loading));
  const found = await Promise.all(entries.map(([ref, given]) => image(ref, given ?? {}, loading)));
  const refs = found.filter(({ build }) => build.is !== 'elsewhere').map(({ ref }) => ref);
  const specs = found.map(({ from, ...spec }): [string, ImageSpec] => {
    const bases = new Set(from.map((base) => imageOf(base, refs)).filter((base) => base !== null && base !== spec.ref));
    const places = (lookup(raw, spec.ref)?.at ?? []).map(placeOf);
    return [spec.ref, { ...spec, bases: [...bases] as string[], ...(places.length > 0 ? { places } : {}) }];
  });
  return Object.fromEntries(specs);
}

function placeOf(given: NonNullable<Given['at']>[number]): ImagePlace {
  if ('env' in given) return { is: 'env', name: given.env };
  if ('arg' in given) return { is: 'arg', name: given.arg };
  const steps = given.path.matchAll(/\["?([^\]"]*)"?\]|([^.[\]]+)/g);
  return { is: 'path', kind: given.kind, path: [...steps].map(([, inside, name]) => name ?? inside ?? '') };
}

function isReference(ref: string, { report }: Loading): boolean {
  try {
    reference.parseFamiliarName(ref);
    return true;
  } catch (error) {
    report.add(
      'S110',
      ['images', ref],
      `${ref} is no image reference: ${(error as Error).message.replace(/^invalid reference format: /, '')}`,
      'write it as it stands in the manifests, such as shop/web',
      'key',
    );
    return false;
  }
}

async function image(ref: string, given: Given, loading: Loading): Promise<Found> {
  const path: Path = ['images', ref];
  const at = loading.report.keyAt(path);
  const hasBuild = buildKeys.some((key) => given[key] !== undefined);
  if (given.command !== undefined)
    return { ref, at, bases: [], from: [], ...built(given.command, given, path, hasBuild, loading) };
  if (given.deps)
    loading.report.add(
      'S103',
      [...path, 'deps'],
      `deps of ${ref} has no meaning without command`,
      'a build with a Dockerfile watches its context; see only and ignore',
      'key',
    );
  if (hasBuild) return { ref, at, bases: [], ...(await fromDockerfile(given, path, loading)) };
  if (!given.live && !loading.report.has(path))
    loading.report.add(
      'S103',
      path,
      `${ref} says neither how it is built nor how it is updated`,
      'give it a context, a command, or live rules',
      'key',
    );
  const live = liveRules(given.live ?? [], [...path, 'live'], null, loading);
  const files = filesAt(loading.dir, livePaths(live), given.ignore ?? [], loading.ignore);
  return { ref, at, bases: [], from: [], build: { is: 'elsewhere' }, files, live };
}

/** Of the daemon as a rule: it builds on this machine, or in a VM of the same kind. */
const buildPlatform = `linux/${process.arch === 'x64' ? 'amd64' : process.arch}`;

type Built = { readonly build: ImageBuild; readonly files: FileSet; readonly live: readonly LiveRule[] };

function built(command: string, given: Given, path: Path, hasBuild: boolean, loading: Loading): Built {
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
  const files = filesAt(dir, given.deps ?? [], given.ignore ?? [], ignore);
  const live = liveRules(given.live ?? [], [...path, 'live'], given.deps ? files : null, loading);
  return { build: { is: 'command', command, dir, env }, files, live };
}

async function fromDockerfile(
  given: Given,
  path: Path,
  loading: Loading,
): Promise<Built & { readonly from: readonly string[] }> {
  const { dir, report } = loading;
  const context = resolve(dir, given.context ?? '.');
  const dockerfile = given.dockerfile ? resolve(dir, given.dockerfile) : join(context, 'Dockerfile');
  const text = await readOr(loading, dockerfile);
  if (text === null) {
    const key = given.dockerfile ? 'dockerfile' : 'context';
    report.add(
      'S114',
      [...path, key],
      `the Dockerfile ${relative(dir, dockerfile)} cannot be read`,
      'create it, or say where it is: dockerfile: …',
    );
  }
  const args = Object.fromEntries(Object.entries(given.args ?? {}).map(([key, value]) => [key, String(value)]));
  const files = await contextFiles(context, dockerfile, given, loading);
  const { target = null, secrets = [], ssh = [], platform = null } = given;
  return {
    build: {
      is: 'dockerfile',
      context,
      dockerfile,
      target,
      args,
      secrets: secrets.map((secret) => withPath(secret, /^(.*?,)?((?:src|source)=)([^,]+)(.*)$/, dir)),
      ssh: ssh.map((agent) => withPath(agent, /^([^=]+)(=)(.+)()$/, dir)),
      platform,
    },
    files,
    live: liveRules(given.live ?? [], [...path, 'live'], files, loading),
    from: basesOf(text ?? '', { args, target, platform, buildPlatform }).map(({ image }) => image),
  };
}

/** Files in these settings are relative to sluice.yaml, not to wherever the command is run; `~` is left to the builder. */
function withPath(setting: string, parts: RegExp, dir: string): string {
  const [, before = '', key = '', path, after = ''] = parts.exec(setting) ?? [];
  // With type=env the source is the name of a variable.
  if (path === undefined || path.startsWith('~') || /(^|,)type=env(,|$)/.test(setting)) return setting;
  return `${before}${key}${resolve(dir, path)}${after}`;
}

/** As the docker CLI: `<Dockerfile>.dockerignore` before that of the context. Both files and the Dockerfile itself are always sent. */
async function contextFiles(context: string, dockerfile: string, given: Given, loading: Loading): Promise<FileSet> {
  const own = `${dockerfile}.dockerignore`;
  const shared = join(context, '.dockerignore');
  const [ownText, sharedText] = await Promise.all([readOr(loading, own), readOr(loading, shared)]);
  const rules = (ownText ?? sharedText ?? '')
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '' && !line.startsWith('#'));
  const only = given.only ? ['**', ...given.only.map((each) => `!${each}`)] : [];
  const kept = [dockerfile, own, shared];
  const groups = [
    ...filters(context, [[...rules, ...(given.ignore ?? [])], only]),
    ...filters(loading.dir, [loading.ignore]),
  ];
  const roots = [
    context,
    ...kept.slice(0, 2).filter((path) => path.startsWith(`${dirname(dockerfile)}/`) && !path.startsWith(`${context}/`)),
  ];
  return {
    roots,
    filters: groups.map(({ base, patterns }) => ({ base, patterns: [...patterns, ...keeping(base, kept)] })),
  };
}

const keeping = (base: string, paths: readonly string[]): string[] =>
  paths
    .map((path) => relative(base, path))
    .filter((path) => !path.startsWith('..'))
    .map((path) => `!${literal(path)}`);
