// Sync rules of an artifact as live rules. Skaffold's name files by patterns, ours a file or a directory: what stands there
// and is not meant makes a full build, as it does with Skaffold.
import { existsSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { limits } from '../../../model/limits.ts';
import { isRecord } from '../../../model/manifests/workload.ts';
import { type ImageDraft, type LiveDraft, plain } from '../draft.ts';
import type { Keys } from '../keys.ts';
import { inContext, type Reading } from './read-context.ts';
import { type Synced, unmeant, withoutRivals } from './sync-patterns.ts';
import { workdirOf } from './workdir.ts';

interface Rule {
  readonly src: string;
  readonly dest: string;
  readonly strip: string;
}

interface Built {
  readonly name: string;
  /** Relative to the project. */
  readonly context: string;
  readonly image: ImageDraft;
}

/** None where they cannot be said: that is a note. */
export async function syncRules(artifact: Keys, built: Built, reading: Reading): Promise<readonly LiveDraft[]> {
  if (!artifact.has('sync')) return [];
  const refused = (why: string): readonly LiveDraft[] => {
    artifact.leave('sync');
    reading.notes.push(`The sync rules of ${built.name} are not taken over: ${why}. See images.*.live.`);
    return [];
  };
  const rules = rulesOf(artifact);
  if (rules.length === 0) return refused('they name no place in the container');
  const workdir = workdirOf(dockerfileOf(built, reading.dir), built.image.target ?? null);
  const all: Synced[] = [];
  for (const { src, dest, strip } of rules) {
    const place = dest.startsWith('/') ? dest : workdir && posix.join(workdir, dest);
    if (!place) return refused(`${dest} is relative to a working directory that its Dockerfile does not name`);
    const base = baseOf(src);
    for (const [from, to] of ways(base, strip, place)) all.push({ from, to, patterns: [posix.normalize(src)] });
  }
  const { syncs, rivals } = withoutRivals(all);
  for (const { from, to } of rivals)
    reading.notes.push(
      `The sync rule of ${built.name} from ${from} to ${to} is left out: another one takes these files.`,
    );
  const fallback = await unmeant(join(reading.dir, built.context), syncs, reading.stop);
  if (fallback.length > limits.initFallbacks) return refused('too many other files lie among those they name');
  const written = (path: string): string => plain(inContext(built.context, path));
  return [
    ...(fallback.length > 0 ? [{ fallback: fallback.map(written) }] : []),
    ...syncs.map(({ from, to }) => ({ sync: { from: written(from), to: plain(to) } })),
  ];
}

/** `manual` since v1beta9; before that a map from pattern to place, where `***` keeps the directories below it. */
function rulesOf(artifact: Keys): readonly Rule[] {
  const sync = artifact.take('sync');
  if (isRecord(sync) && Object.values(sync).every((dest) => typeof dest === 'string'))
    return Object.entries(sync).map(([src, dest]) => {
      const [before = '', after] = src.split('***');
      const strip = after === undefined ? posix.dirname(src) : before;
      return { src: src.replace('***', '**'), dest: String(dest), strip };
    });
  artifact.leave('sync');
  return artifact
    .map('sync')
    .maps('manual')
    .flatMap((rule) => {
      const [src, dest] = [rule.text('src'), rule.text('dest')];
      return src && dest ? [{ src, dest, strip: rule.text('strip') ?? '' }] : [];
    });
}

/** The directory before the first wildcard, or the file. */
function baseOf(src: string): string {
  const parts = posix.normalize(src).split('/');
  const first = parts.findIndex((part) => /[*?[{]/.test(part));
  return (first < 0 ? parts : parts.slice(0, first)).join('/') || '.';
}

/** From where to where: `strip` is taken off the path before it is put below `dest`. */
function ways(base: string, strip: string, dest: string): readonly (readonly [string, string])[] {
  const cut = strip === '' ? '.' : posix.normalize(strip).replace(/(.)\/$/, '$1');
  const whole = [base, posix.join(dest, base)] as const;
  if (cut === '.') return [whole];
  if (base === cut || base.startsWith(`${cut}/`)) return [[base, posix.join(dest, base.slice(cut.length))]];
  return base === '.' || cut.startsWith(`${base}/`) ? [[cut, dest], whole] : [whole];
}

function dockerfileOf({ context, image }: Built, dir: string): string {
  const path = join(dir, image.dockerfile ?? join(context, 'Dockerfile'));
  return image.command === undefined && existsSync(path) ? readFileSync(path, 'utf8') : '';
}
