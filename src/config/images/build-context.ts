// What the build of an image sees of its context, and what is watched for it: ignore files, `only` and `ignore`, the Dockerfile.
import { join, resolve } from 'node:path';
import type { FileFilter, FileSet } from '../../model/config.ts';
import { literal, matcher, ruleFault } from '../../model/fileset.ts';
import type { Followed } from '../../model/ports.ts';
import { excerptOf } from '../../model/problems/excerpt.ts';
import type { Problem } from '../../model/problems/problem.ts';
import { type Loading, readOr } from '../load-context.ts';
import type { RawImage } from '../schema/schema.ts';
import { below, filters, hiding, ignored } from '../values/fileset.ts';
import { followed } from '../values/place.ts';

type Given = NonNullable<RawImage>;

/** A directory or a file as it is named, and where that leads. */
export interface NamedPlace extends Followed {
  readonly given: string;
}

export interface ContextFiles {
  readonly files: FileSet;
  readonly recipe: readonly string[];
  readonly hidden: readonly string[];
}

/**
 * As the docker CLI: `<Dockerfile>.dockerignore` before that of the context. Both files and the Dockerfile itself are always
 * among the files, since the build depends on them; `hidden` are those that the context leaves out all the same. `dockerfile`
 * null: none lies on disk.
 */
export async function contextFiles(
  context: NamedPlace,
  dockerfile: NamedPlace | null,
  given: Pick<Given, 'ignore' | 'only'>,
  loading: Loading,
): Promise<ContextFiles> {
  const ignores = [...(dockerfile ? [`${dockerfile.given}.dockerignore`] : []), join(context.real, '.dockerignore')];
  const texts = await Promise.all(ignores.map((path) => readOr(loading, path)));
  const chosen = texts.findIndex((text) => text !== null);
  const lines = (texts[chosen] ?? '').split(/\r?\n/);
  const rules = lines.filter((line) => line.trim() !== '' && !line.startsWith('#'));
  loading.report.put(...ignoreFaults(ignores[chosen] ?? '', lines));
  const ignoring = [...rules, ...(given.ignore ?? [])];
  const only = given.only ? ['**', ...given.only.map((each) => `!${each}`)] : [];
  const kept = [...(dockerfile ? [dockerfile.real, dockerfile.given] : []), ...ignores];
  const led = await Promise.all(ignores.map((path) => followed(path, loading)));
  const places = [...(dockerfile ? [dockerfile] : []), ...led];
  const outside = [...context.links, ...places.flatMap(({ real, links }) => [real, ...links])];
  const groups = [
    ...filters(context.real, [ignoring, only]),
    ...ignored(loading.dir, loading.ignore, [{ ...context, links: [], glob: null }]),
  ];
  const isAsked = [...ignoring, ...only].some((line) => isConfiguration(line, context.real, loading.configuration));
  const isSent = matcher({ roots: [context.real], filters: groups }).has;
  const files = {
    roots: [context.real, ...new Set(outside.filter((path) => below(context.real, path) === null))],
    filters: [
      ...groups.map((group) => ({ ...group, patterns: [...group.patterns, ...keeping(group, kept)] })),
      ...(isAsked ? [] : hiding(loading.configuration, [context.real])),
    ],
  };
  const recipe = [...new Set([...kept, ...led.map(({ real }) => real)])];
  return { files, recipe, hidden: recipe.filter((path) => below(context.real, path) !== null && !isSent(path)) };
}

/** Docker refuses a whole build for one of these lines. */
const ignoreFaults = (file: string, lines: readonly string[]): readonly Problem[] =>
  lines.flatMap((line, i): Problem[] => {
    const at = { file, line: i + 1, column: 1 };
    const fault = line.startsWith('#') ? null : ruleFault(line);
    if (fault === null) return [];
    const excerpt = excerptOf(line, { line: 1, column: 1 });
    const hint = 'put \\ before a sign that is meant as it stands';
    return [
      {
        kind: 'yours',
        code: 'S116',
        what: `this pattern cannot be used: ${fault}`,
        hint,
        at,
        ...(excerpt ? { excerpt } : {}),
      },
    ];
  });

/** `!sluice.yaml`: a build that wants the configuration says so by its very name. */
const isConfiguration = (line: string, context: string, configuration: readonly string[]): boolean =>
  line.trim().startsWith('!') && configuration.includes(resolve(context, line.trim().slice(1).trim()));

const keeping = ({ base, at = '' }: FileFilter, paths: readonly string[]): string[] =>
  paths.flatMap((path) => {
    const rest = below(base, path);
    return rest === null || rest === '' ? [] : [`!${literal(join(at, rest))}`];
  });
