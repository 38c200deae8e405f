// What a build is told: read, and refused by name where its builder cannot do it.
import { resolve } from 'node:path';
import type { BuildOptions, CacheEntry } from '../../model/builds/build-options.ts';
import type { BuilderSpec } from '../../model/builds/builder.ts';
import type { Loading } from '../load-context.ts';
import type { Report } from '../report.ts';
import type { RawImage } from '../schema/schema.ts';
import type { Path } from '../yaml/document.ts';

type Given = NonNullable<RawImage>;

/** Null where nothing is said. `contexts`: those that the builder fetches. `builder` null: Docker. */
export function buildOptions(
  given: Given,
  contexts: Readonly<Record<string, string>>,
  path: Path,
  builder: BuilderSpec | null,
  { dir, report }: Pick<Loading, 'dir' | 'report'>,
): BuildOptions | null {
  const {
    cache = {},
    network,
    labels,
    extraHosts,
    shmSize,
    ulimits,
    pull,
    noCache,
    noCacheFilter = [],
    entitlements,
  } = given;
  const refuse = refusalOf(report);
  const entries = (key: 'from' | 'to'): readonly CacheEntry[] =>
    (cache[key] ?? []).flatMap((text, i) => {
      const place = [...path, 'cache', key, i];
      const entry = cacheEntry(text, place, { dir, report });
      if (builder === null && entry && ofNoDocker.includes(entry.type))
        refuse(place, `a build cache of type ${entry.type}`);
      return entry ?? [];
    });
  const strings = (values: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(Object.entries(values).map(([key, value]) => [key, String(value)]));
  const attests = attestsOf(given);
  const options: BuildOptions = {
    ...(cache.from ? { cacheFrom: entries('from') } : {}),
    ...(cache.to ? { cacheTo: entries('to') } : {}),
    ...(Object.keys(contexts).length > 0 ? { contexts } : {}),
    ...(network && network !== 'default' ? { network } : {}),
    ...(labels ? { labels: strings(labels) } : {}),
    ...(extraHosts ? { extraHosts } : {}),
    ...(shmSize === undefined ? {} : { shmBytes: bytesOf(shmSize) }),
    ...(ulimits
      ? { ulimits: Object.fromEntries(Object.entries(ulimits).map(([key, value]) => [key, limitOf(value)])) }
      : {}),
    ...(pull === 'always' ? { pull: true } : {}),
    ...(noCache ? { noCache } : {}),
    ...(noCacheFilter.length > 0 ? { noCacheFilter } : {}),
    ...(Object.keys(attests).length > 0 ? { attests } : {}),
    ...(entitlements ? { entitlements } : {}),
  };
  return Object.keys(options).length > 0 ? options : null;
}

/** `true`, or its attributes; what is `false` is not made. */
const attestsOf = ({ provenance, sbom }: Given): NonNullable<BuildOptions['attests']> =>
  Object.fromEntries(
    Object.entries({ provenance, sbom }).flatMap(([kind, value]) =>
      value === undefined || value === false ? [] : [[kind, value === true ? '' : value]],
    ),
  );

type Refuse = (path: Path, what: string) => void;

const refusalOf =
  (report: Report): Refuse =>
  (path, what) =>
    report.add(
      'S265',
      path,
      `Docker as a builder cannot do this: ${what}`,
      'choose another: builder: {buildkit: …}, buildx or cluster (docs/builders.md)',
    );

/** BuildKit inside of Docker is built without these, with either image store. */
const ofNoDocker: readonly string[] = ['s3', 'azblob'];

/** As buildx: `type=registry,ref=REF,mode=max`, `type=local,src=DIR` (`dest=DIR` of what is written), or a reference alone. */
function cacheEntry(text: string, path: Path, { dir, report }: Pick<Loading, 'dir' | 'report'>): CacheEntry | null {
  if (!text.includes('=')) return { type: 'registry', attributes: { ref: text } };
  const pairs = text.split(',').map((part): [string, string] => {
    const cut = part.indexOf('=');
    return [part.slice(0, cut < 0 ? undefined : cut).trim(), cut < 0 ? '' : part.slice(cut + 1).trim()];
  });
  const { type = 'registry', ...attributes } = Object.fromEntries(pairs);
  if (['registry', 'inline', 'gha', 's3', 'azblob'].includes(type)) return { type, attributes };
  const place = path.at(-2) === 'to' ? 'dest' : 'src';
  const { [place]: where } = attributes;
  if (type === 'local' && where) return { type, attributes: { ...attributes, [place]: resolve(dir, where) } };
  if (type === 'local')
    report.add('S103', path, `a local build cache names its directory by ${place}`, `type=local,${place}=DIR`);
  else
    report.add(
      'S103',
      path,
      `a build cache of type ${type} is not supported`,
      'use registry, inline, local, gha, s3 or azblob',
    );
  return null;
}

const units: Readonly<Record<string, number>> = { '': 1, b: 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 };

/** 64m, 1g, or bytes. */
function bytesOf(size: string | number): number {
  const [, amount = '0', unit = ''] = /^(\d+)\s*([bkmg]?)b?$/i.exec(String(size)) ?? [];
  return Number(amount) * (units[unit.toLowerCase()] ?? 1);
}

function limitOf(value: number | string): { readonly soft: number; readonly hard: number } {
  const [soft = '', hard] = String(value).split(':');
  return { soft: Number(soft), hard: Number(hard ?? soft) };
}
